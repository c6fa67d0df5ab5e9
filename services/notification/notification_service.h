// The gRPC face: parse, check the caller, execute or query, render. No rules here.
#pragma once

#include <string>

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "souk/notification/v1/notification_service.pb.h"

namespace souk::notification {

class NotificationService {
 public:
  // `engine` must outlive the service.
  NotificationService(Engine& engine, std::string store_name)
      : engine_(engine), store_name_(std::move(store_name)) {}

  void AddTo(rpc::Router& router);

  Task<StatusOr<v1::ListNotificationsResponse>> ListNotifications(rpc::CallContext call,
                                                                  v1::ListNotificationsRequest request);
  Task<StatusOr<v1::GetNotificationResponse>> GetNotification(rpc::CallContext call,
                                                              v1::GetNotificationRequest request);
  Task<StatusOr<v1::RetryNotificationResponse>> RetryNotification(rpc::CallContext call,
                                                                  v1::RetryNotificationRequest request);
  Task<StatusOr<v1::SetPreferenceResponse>> SetPreference(rpc::CallContext call,
                                                          v1::SetPreferenceRequest request);
  Task<StatusOr<v1::GetPreferencesResponse>> GetPreferences(rpc::CallContext call,
                                                            v1::GetPreferencesRequest request);
  Task<StatusOr<v1::PreviewNotificationResponse>> PreviewNotification(rpc::CallContext call,
                                                                      v1::PreviewNotificationRequest request);

 private:
  Engine& engine_;
  const std::string store_name_;
};

}  // namespace souk::notification
