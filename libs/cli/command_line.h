// Command lines as their users expect them: help when there is nothing to do, and errors
// that name the wrong word and the nearest right one. What words there are is declared with
// CLI11; help, errors and completion (completion.h) all come from that one declaration.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "libs/base/status.h"

namespace souk::cli {

// Parses the words of a command line into what `app`, which has the program's name, was
// told to fill. False when that was all: help or the version was asked for and has been
// printed, or there was no command and help was printed. INVALID_ARGUMENT says which word is
// wrong, and what may have been meant.
StatusOr<bool> ParseCommandLine(CLI::App& app, int argc, const char* const* argv);

// The same for a main() without more to say: prints what is wrong, and returns the code to
// exit with now, or nothing when the program is to go on.
std::optional<int> ParseOrExit(CLI::App& app, int argc, const char* const* argv);

// For numbers that count something: CLI11 takes "-1" for the greatest of all.
const CLI::Validator& Count();

// To be called last by a program whose output others read: `code`, unless some of it could not be
// written, on a full disk perhaps. Then says so and returns 1.
int ExitAfterOutput(int code);

// The command with the names of those that it belongs to: "soukctl events tail".
std::string FullName(const CLI::App& command);

}  // namespace souk::cli
