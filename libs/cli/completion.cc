#include "libs/cli/completion.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/suggestion.h"

namespace souk::cli {
namespace {

// Words with spaces in between, not in quotes: what they are for here has none. bash hands on
// "--format=json" and "host:1" in pieces, so its script splits the line itself, and replaces
// what is behind the last '='.
constexpr char kBash[] = R"(_PROGRAM() {
  local line="${COMP_LINE:0:COMP_POINT}" words lines candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current="${words[-1]}"
  mapfile -t lines < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
  [[ ${#lines[@]} -gt 0 ]] || return
  local rest="${lines[-1]}" value="${current##*=}"
  COMPREPLY=()
  for candidate in "${lines[@]:0:${#lines[@]}-1}"; do
    candidate="${candidate%%$'\t'*}"
    [[ $current == --*=* ]] && candidate="${candidate#*=}"
    COMPREPLY+=("$candidate")
  done
  case "$rest" in
    :files) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$value") ;;
    :folders) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$value") ;;
  esac
}
complete -F _PROGRAM PROGRAM
)";

constexpr char kZsh[] = R"(#compdef PROGRAM
_PROGRAM() {
  local -a lines candidates
  lines=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  local rest="${lines[-1]}" line
  for line in "${(@)lines[1,-2]}"; do
    candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  (( ${#candidates} )) && _describe -V PROGRAM candidates
  if [[ $rest == :files || $rest == :folders ]]; then
    compset -P '--*='
    [[ $rest == :files ]] && _files || _files -/
  fi
}
compdef _PROGRAM PROGRAM
)";

constexpr char kFish[] = R"(function __PROGRAM_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
  test (count $lines) -gt 0; or return
  set -l rest $lines[-1]
  set -e lines[-1]
  test (count $lines) -gt 0; and printf '%s\n' $lines
  set -l option (string match -r -- '^--[^=]*=' $current)
  set -l value (string replace -r -- '^--[^=]*=' '' $current)
  switch $rest
    case :files
      printf "$option%s\n" (__fish_complete_path $value)
    case :folders
      printf "$option%s\n" (__fish_complete_directories $value)
  end
end
complete -c PROGRAM -f -a '(__PROGRAM_complete)'
)";

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

bool IsHidden(const CLI::Option& option) { return option.get_group().empty(); }

// "a,b" of "TEXT:{a,b}".
std::vector<std::string> Choices(const std::string& type_name) {
  const std::size_t begin = type_name.find('{');
  const std::size_t end = type_name.rfind('}');
  if (begin == std::string::npos || end == std::string::npos) return {};
  return absl::StrSplit(type_name.substr(begin + 1, end - begin - 1), ',');
}

// Walks through the words that are there, then says what the last one may become.
class Completer {
 public:
  Completer(const CLI::App& app, const ValuesOfType& values) : command_(&app), values_(values) {}

  std::string Run(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) Pass(words[i]);
    const std::string last = words.empty() ? "" : words.back();
    const std::size_t equals = last.find('=');
    if (waiting_ != nullptr) {
      AddValues(*waiting_, last, "");
    } else if (last.starts_with("--") && equals != std::string::npos) {
      const CLI::Option* const option = FindOption(last.substr(0, equals));
      if (option != nullptr) AddValues(*option, last.substr(equals + 1), last.substr(0, equals + 1));
    } else if (last.starts_with("-")) {
      AddOptions(last);
    } else {
      if (arguments_ == 0) AddCommands(last);  // Behind a word that nobody takes nothing can follow.
      if (const CLI::Option* const argument = NextArgument(); argument != nullptr) {
        AddValues(*argument, last, "");
      }
    }
    return answer_ + rest_ + "\n";
  }

 private:
  // Takes note of a word that is complete.
  void Pass(const std::string& word) {
    if (waiting_ != nullptr) {
      waiting_ = nullptr;
    } else if (word.starts_with("-")) {
      const CLI::Option* const option = word.find('=') == std::string::npos ? FindOption(word) : nullptr;
      if (option != nullptr && TakesValue(*option)) waiting_ = option;
    } else if (const CLI::App* const next = FindCommand(word); next != nullptr) {
      command_ = next;
      arguments_ = 0;
    } else {
      ++arguments_;
    }
  }

  std::vector<const CLI::App*> Commands() const {
    return command_->get_subcommands([](const CLI::App*) { return true; });
  }

  const CLI::App* FindCommand(const std::string& name) const {
    for (const CLI::App* const command : Commands()) {
      if (command->get_name() == name) return command;
    }
    return nullptr;
  }

  const CLI::Option* FindOption(const std::string& word) const {
    for (const CLI::App* app = command_; app != nullptr; app = app->get_parent()) {
      for (const CLI::Option* const option : app->get_options()) {
        if (option->check_name(word)) return option;
      }
    }
    return nullptr;
  }

  // The argument without a name that comes next; the last one may stand for several.
  const CLI::Option* NextArgument() const {
    std::vector<const CLI::Option*> arguments;
    for (const CLI::Option* const option : command_->get_options()) {
      if (option->get_positional() && option->nonpositional() == false) arguments.push_back(option);
    }
    if (arguments_ < arguments.size()) return arguments[arguments_];
    const bool repeats = !arguments.empty() && arguments.back()->get_items_expected_max() > 1;
    return repeats ? arguments.back() : nullptr;
  }

  void Add(const std::string& word, const std::string& help) {
    absl::StrAppend(&answer_, word, "\t", help.substr(0, help.find('\n')), "\n");
  }

  void AddCommands(const std::string& begin) {
    for (const CLI::App* const command : Commands()) {
      if (command->get_name().starts_with(begin)) Add(command->get_name(), command->get_description());
    }
  }

  void AddOptions(const std::string& begin) {
    for (const CLI::App* app = command_; app != nullptr; app = app->get_parent()) {
      // Every command has help, but one is enough.
      for (const CLI::Option* const option : app->get_options()) {
        if (IsHidden(*option) || (app != command_ && option == app->get_help_ptr())) continue;
        for (const std::string& name : option->get_lnames()) {
          if (const std::string word = "--" + name; word.starts_with(begin)) {
            Add(word, option->get_description());
          }
        }
      }
    }
  }

  // `before` is what stands in the same word: "--format=".
  void AddValues(const CLI::Option& option, const std::string& begin, const std::string& before) {
    const std::string type = option.get_type_name();
    if (type == kFile) rest_ = ":files";
    if (type == kFolder) rest_ = ":folders";
    const auto known = values_.find(type);
    for (const std::string& value : known != values_.end() ? known->second : Choices(type)) {
      if (value.starts_with(begin)) Add(before + value, "");
    }
  }

  const CLI::App* command_;
  const ValuesOfType& values_;
  const CLI::Option* waiting_ = nullptr;  // For its value.
  std::size_t arguments_ = 0;
  std::string answer_;
  std::string rest_ = ":nothing";
};

}  // namespace

std::string Complete(const CLI::App& app, const std::vector<std::string>& words, const ValuesOfType& values) {
  return Completer(app, values).Run(words);
}

StatusOr<std::string> CompletionScript(std::string_view program, std::string_view shell) {
  const char* const script = shell == "bash"   ? kBash
                             : shell == "zsh"  ? kZsh
                             : shell == "fish" ? kFish
                                               : nullptr;
  if (script == nullptr) {
    return InvalidArgument("there is no completion for \"%s\"%s", shell,
                           Suggestion(shell, CompletionShells()));
  }
  return absl::StrReplaceAll(script, {{"PROGRAM", std::string(program)}});
}

std::vector<std::string> CompletionShells() { return {"bash", "fish", "zsh"}; }

}  // namespace souk::cli
