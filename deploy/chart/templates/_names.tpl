{{/* Ports. Each service listens on its own, on loopback of its pod; so do the ways to the others. */}}
{{- define "souk.ports" -}}
catalog: 7401
cart: 7402
order: 7403
payment: 7404
shipping: 7405
notification: 7406
{{- end }}

{{- define "souk.meshPort" -}}8443{{- end }}
{{- define "souk.healthPort" -}}8081{{- end }}
{{- define "souk.metricsPort" -}}9464{{- end }}
{{- define "souk.gatewayPort" -}}8080{{- end }}

{{- define "souk.name" -}}
{{- if contains "souk" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-souk{{ end }}
{{- end }}

{{/* A dict of root and component: labels by which pods are found. */}}
{{- define "souk.selector" -}}
app.kubernetes.io/name: souk
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "souk.labels" -}}
{{ include "souk.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "souk.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "souk.meshSecret" -}}
{{ .Values.mesh.existingSecret | default (printf "%s-mesh" (include "souk.name" .)) }}
{{- end }}

{{/* What the strictest pod security standard, "restricted", asks of a pod and of a container. */}}
{{- define "souk.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "souk.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
