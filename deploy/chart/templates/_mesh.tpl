{{/* Envoy's side of the mesh: a cluster that reaches another pod with certificates on both sides. */}}
{{- define "souk.http2" -}}
envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
  "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
  explicit_http_config: { http2_protocol_options: {} }
{{- end }}

{{- define "souk.meshTls" -}}
tls_params: { tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3 }
alpn_protocols: [h2]
tls_certificates:
  - certificate_chain: { filename: /etc/souk/mesh/tls.crt }
    private_key: { filename: /etc/souk/mesh/tls.key }
validation_context:
  trusted_ca: { filename: /etc/souk/mesh/ca.crt }
  match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: {{ .Values.mesh.dnsName | quote }} } }]
{{- end }}

{{/* A dict of root and service. */}}
{{- define "souk.meshCluster" -}}
name: {{ .service }}
type: STRICT_DNS
connect_timeout: 2s
typed_extension_protocol_options: {{- include "souk.http2" . | nindent 2 }}
load_assignment:
  cluster_name: {{ .service }}
  endpoints:
    - lb_endpoints:
        - endpoint:
            address:
              socket_address:
                address: {{ include "souk.name" .root }}-{{ .service }}
                port_value: {{ include "souk.meshPort" .root }}
transport_socket:
  name: tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
    sni: {{ .root.Values.mesh.dnsName }}
    common_tls_context: {{- include "souk.meshTls" .root | nindent 6 }}
{{- end }}

{{/* A dict of name, address, port, prefix, cluster and perhaps tls: a listener that hands gRPC on. */}}
{{- define "souk.meshListener" -}}
name: {{ .name }}
address: { socket_address: { address: {{ .address }}, port_value: {{ .port }} } }
filter_chains:
  - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: {{ .name }}
          codec_type: HTTP2
          stream_idle_timeout: 0s
          http_filters:
            - name: envoy.filters.http.router
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          route_config:
            virtual_hosts:
              - name: {{ .name }}
                domains: ["*"]
                routes:
                  - match: { prefix: {{ .prefix }} }
                    route: { cluster: {{ .cluster }}, timeout: 0s }
    {{- with .tls }}
    transport_socket:
      name: tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
        require_client_certificate: true
        common_tls_context: {{- . | nindent 10 }}
    {{- end }}
{{- end }}
