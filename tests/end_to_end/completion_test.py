"""What soukctl offers behind the cursor, in the real shells.

usage: completion_test.py BIN_DIR
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN_DIR = os.path.abspath(sys.argv[1])
END = "end of offers"

# Each shell tells, one a line, what it would offer for each line of $LINES_TO_COMPLETE.
BASH = """
source <(soukctl completion bash)
compopt() { :; }  # Wants a completion that readline has begun.
while IFS= read -r COMP_LINE; do
  COMP_POINT=${#COMP_LINE}
  _soukctl
  printf '%s\\n' "${COMPREPLY[@]}" "$END"
done <<<"$LINES_TO_COMPLETE"
"""
ZSH = """
autoload -Uz compinit && compinit -D
source <(soukctl completion zsh)
_describe() { local candidate; for candidate in "${(@P)3}"; do print -r -- "${candidate%%:*}"; done }
_files() { [[ $1 == -/ ]] && print -rl -- *(N/) || print -rl -- *(N) }
compset() { : }
for line in "${(@f)LINES_TO_COMPLETE}"; do
  words=(${(z)line}); [[ $line == *' ' ]] && words+=('')
  CURRENT=${#words}
  _soukctl
  print -r -- "$END"
done
"""
FISH = """
soukctl completion fish | source
for line in (string split \\n -- $LINES_TO_COMPLETE)
  complete -C "$line" | string replace -r '\\t.*' ''
  echo $END
end
"""
SHELLS = {"bash": ["bash", "--norc", "-c", BASH], "zsh": ["zsh", "-f", "-c", ZSH],
          "fish": ["fish", "--no-config", "-c", FISH]}


class CompletionTest(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="souk-completion-")
        self.addCleanup(shutil.rmtree, self.home)
        self.folder = os.path.join(self.home, "work")
        os.makedirs(os.path.join(self.folder, "backups"))
        with open(os.path.join(self.folder, "notes.toml"), "w", encoding="utf-8"):
            pass

    def offers(self, shell, *lines):
        """The words offered for each line, in order."""
        environment = {**os.environ, "LINES_TO_COMPLETE": "\n".join(lines), "END": END, "HOME": self.home,
                       "XDG_DATA_HOME": self.home, "XDG_CONFIG_HOME": self.home,
                       "PATH": BIN_DIR + os.pathsep + os.environ["PATH"]}
        done = subprocess.run(SHELLS[shell], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                              cwd=self.folder, env=environment, check=False)
        self.assertEqual(done.stderr, "", f"{shell}: {lines}")
        offered = [sorted(word.rstrip("/") for word in part.split()) for part in done.stdout.split(END + "\n")]
        self.assertEqual(len(offered), len(lines) + 1, done.stdout)
        return offered[:-1]

    def test_commands_options_and_values_are_offered_in_every_shell(self):
        for shell in SHELLS:
            with self.subTest(shell):
                commands, options, *others = self.offers(
                    shell, "soukctl ", "soukctl events tail --", "soukctl sta", "soukctl events ta",
                    "soukctl events tail --service pay", "soukctl --json events export --format ",
                    "soukctl replay stock", "soukctl statsu ")
                self.assertLessEqual({"status", "events", "backup", "topics", "completion"}, set(commands))
                self.assertLessEqual({"--follow", "--address"}, set(options))
                self.assertEqual(others, [["status"], ["tail"], ["payment"], ["csv", "jsonl", "parquet"],
                                          ["stock_outs"], []])

    def test_paths_are_offered_where_a_path_is_taken(self):
        for shell in SHELLS:
            with self.subTest(shell):
                offered = self.offers(shell, "soukctl verify --data ", "soukctl events schema --out ",
                                      "soukctl status ")
                self.assertEqual(offered, [["backups"], ["backups", "notes.toml"], []])

    def test_a_value_may_follow_an_equals_sign(self):
        line = "soukctl events export --format=pa"
        self.assertEqual(self.offers("bash", line), [["parquet"]])  # bash completes what is behind the sign.
        for shell in ("zsh", "fish"):
            self.assertEqual(self.offers(shell, line), [["--format=parquet"]])


if __name__ == "__main__":
    unittest.main(argv=["completion_test.py"], verbosity=2)
