// Reads RocksDB's write-ahead logs as bytes, to tell a write that the power cut short from
// damage to what was acknowledged. RocksDB itself cannot: of its recovery modes one refuses
// every torn write, one skips zeroed blocks and drops the rest of a block whose length field
// is damaged, and one silently ends the history at the first damage.
//
// Every batch of ours begins with a *voucher*: the last sequence number that was durable
// when the batch was written. What a later record vouches for was synced, so if it is not
// there the file is damaged; what nobody vouches for may be missing.
//
// Format: https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

// What a batch carries as its first log entry.
std::string MakeVoucher(std::uint64_t durable_sequence);

struct WalScan {
  std::uint64_t good_end = 0;  // Offset behind the last record of the unbroken beginning.
  // What is wrong at `good_end`; empty when the file ends there, or has only room for more,
  // which is zeros up to its end.
  std::string damage;

  // The sequence number of the first record of the unbroken beginning.
  std::optional<std::uint64_t> first_sequence;
  // The sequence number that continues the unbroken beginning; nothing when neither the
  // file nor the caller tells.
  std::optional<std::uint64_t> next_sequence;

  // Of all records, also those behind the damage: the highest voucher.
  std::uint64_t vouched = 0;
  // The sequence number of the first record behind the damage.
  std::optional<std::uint64_t> resumes_at;
};

// `expected` is the sequence number of the first record, when it is known.
WalScan ScanWal(std::string_view bytes, std::optional<std::uint64_t> expected);

}  // namespace souk
