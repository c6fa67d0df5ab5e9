// Completion of command lines in bash, zsh and fish.
//
// A shell's script is small: it asks the program itself what may come next, by the command
//
//   PROGRAM __complete WORD... LAST
//
// with the words that are there, and what of the last one is (perhaps nothing). The answer is
// a line "candidate TAB help" each, and a last line that says what else it may be: ":nothing",
// ":files" or ":folders". So a script never lists what a command does not take.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace souk::cli {

// The word that asks for a completion.
inline constexpr std::string_view kCompleteWord = "__complete";

// Type names of options and arguments whose values are paths.
inline constexpr char kFile[] = "FILE";
inline constexpr char kFolder[] = "FOLDER";

// The values that options and arguments of other type names may have.
using ValuesOfType = std::map<std::string, std::vector<std::string>, std::less<>>;

// The answer to a shell. `words` are those behind the program's name; the last is unfinished.
std::string Complete(const CLI::App& app, const std::vector<std::string>& words, const ValuesOfType& values);

// A script that a shell reads at its start. INVALID_ARGUMENT for a shell that nobody knows.
StatusOr<std::string> CompletionScript(std::string_view program, std::string_view shell);

// bash, fish and zsh.
std::vector<std::string> CompletionShells();

}  // namespace souk::cli
