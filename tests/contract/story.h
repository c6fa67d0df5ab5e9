// One purchase told call by call, so that every method has a moment at which it makes sense,
// a caller who may make it and a request that works: what the tests of all methods start
// from. A new method without a line here fails a test.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/contract/whole_store.h"

namespace souk::contract {

// Whose resource a call is about.
enum class Access {
  kOwned,   // Somebody's: to others it does not exist.
  kPublic,  // Everybody's, or a new one of the caller's own.
};

struct Line {
  std::string method;
  std::string caller;
  // Protobuf text; "$name" stands for an id that an earlier line has kept. request_id is
  // filled in.
  std::string request;
  // "cart=cart.cart_id": what to keep of the response, fields of fields; of lists the first.
  std::string keep = "";
  Access access = Access::kOwned;
  int days = 0;       // Time that passes before the line.
  bool works = true;  // Else it is refused: the story knows no moment at which it is in place.
};

// Methods that the story goes through.
const std::vector<Line>& Story();

// The same, but that Carla never signs in: she fills a cart, orders and reviews as the guest
// with this token.
std::vector<Line> StoryOfGuest(const std::string& token);

// Calls that could be made after a line of the story.
struct Aside {
  std::string after;  // The method of that line, at its first occurrence.
  Line line;
};
const std::vector<Aside>& Asides();

// The moment in the story at which a line is in place.
class Scene {
 public:
  using Visit = std::function<void(Scene& scene)>;

  // Plays the story, every line of which must work, and calls `visit` before each line that
  // is the first with its method; the line is played after it, so that a visitor may try
  // everything that changes nothing, and Request(). Then the same for each aside, in a store
  // of its own.
  static void ForEach(const Visit& visit);

  // Plays `lines`, all of which must work, and calls `visit` before each that is the first with
  // its method.
  static Scene Of(const std::vector<Line>& lines, const Visit& visit);

  const Line& line() const { return *line_; }
  const Rpc& rpc() const { return store_->rpcs().at(line_->method); }
  WholeStore& store() const { return *store_; }
  // An id that a line has kept.
  const std::string& Id(const std::string& name) const { return ids_.at(name); }

  // The request of the line. With `unknown`, the ids of what is not on show for everybody are
  // of nothing that exists.
  std::unique_ptr<google::protobuf::Message> Request(bool unknown = false) const;

  // `text` with ids that exist replaced by those of Request(true).
  std::string WithUnknownIds(std::string text) const;

 private:
  Scene() : store_(std::make_unique<WholeStore>()) {}
  // Ends after the first line with method `last`, if there is one.
  void PlayUntil(const std::vector<Line>& lines, std::string_view last, const Visit* visit);
  void Play(const Line& line);
  std::string UnknownId(const std::string& name) const;

  std::unique_ptr<WholeStore> store_;
  std::map<std::string, std::string> ids_;
  const Line* line_ = nullptr;  // Of the lines that are played, or of an aside.
};

// Sets the field `request_id` of the message, or of its part `start`; false when it has none.
bool SetRequestId(google::protobuf::Message& request, const std::string& request_id);

}  // namespace souk::contract
