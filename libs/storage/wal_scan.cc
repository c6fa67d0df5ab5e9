#include "libs/storage/wal_scan.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "absl/strings/str_format.h"

namespace souk {
namespace {

constexpr std::size_t kBlockSize = 32768;
constexpr std::size_t kHeaderSize = 7;        // Checksum (4), length (2), type (1).
constexpr std::size_t kBatchHeaderSize = 12;  // Sequence number (8), count (4).
constexpr char kVoucherMark[] = "souk";
constexpr std::size_t kVoucherSize = 4 + 8;
constexpr char kLogDataTag = 3;  // A batch entry that reaches the log and no table.

enum FragmentType : unsigned char { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint64_t LittleEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

// CRC-32C, as RocksDB computes it for checksums of files.
std::uint32_t Crc32c(std::string_view bytes) {
  static const std::shared_ptr<rocksdb::FileChecksumGenFactory> factory =
      rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto generator = factory->CreateFileChecksumGenerator({});
  generator->Update(bytes.data(), bytes.size());
  generator->Finalize();
  std::string big_endian = generator->GetChecksum();
  std::reverse(big_endian.begin(), big_endian.end());
  return static_cast<std::uint32_t>(LittleEndian(big_endian));
}

// Undoes the rotation that keeps checksums of checksums from being trivial.
std::uint32_t Unmask(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return rotated >> 17 | rotated << 15;
}

struct Fragment {
  FragmentType type = kFull;
  std::string_view payload;
};

// The fragment at `offset`, or nothing and why not.
std::optional<Fragment> ReadFragment(std::string_view bytes, std::size_t offset, std::string& why) {
  const std::size_t left = std::min(bytes.size() - offset, kBlockSize - offset % kBlockSize);
  if (left < kHeaderSize) {
    why = "the header of a record is cut off";
    return std::nullopt;
  }
  const std::string_view header = bytes.substr(offset, kHeaderSize);
  const std::size_t length = LittleEndian(header.substr(4, 2));
  const auto type = static_cast<unsigned char>(header[6]);
  if (kHeaderSize + length > left) {
    why = "a record is cut off";
  } else if (type < kFull || type > kLast) {
    why = absl::StrFormat("a record has the unknown type %d", type);
  } else if (Unmask(static_cast<std::uint32_t>(LittleEndian(header.substr(0, 4)))) !=
             Crc32c(bytes.substr(offset + 6, length + 1))) {
    why = "the checksum of a record does not match";
  } else {
    return Fragment{static_cast<FragmentType>(type), bytes.substr(offset + kHeaderSize, length)};
  }
  return std::nullopt;
}

std::uint64_t SequenceOf(std::string_view record) { return LittleEndian(record.substr(0, 8)); }

// The voucher of a record, or 0. The beginning of the record is enough.
std::uint64_t VoucherOf(std::string_view record) {
  if (record.size() < kBatchHeaderSize + 2 + kVoucherSize) return 0;
  const std::string_view entry = record.substr(kBatchHeaderSize, 2 + kVoucherSize);
  if (entry[0] != kLogDataTag || entry[1] != kVoucherSize || entry.substr(2, 4) != kVoucherMark) return 0;
  return LittleEndian(entry.substr(6));
}

// Where the zeros begin that the file ends with: its size when there are none.
std::size_t ZerosAtEnd(std::string_view bytes) {
  constexpr std::size_t kPage = 4096;
  static constexpr char kZeros[kPage] = {};
  std::size_t end = bytes.size();
  while (end >= kPage && std::memcmp(bytes.data() + end - kPage, kZeros, kPage) == 0) end -= kPage;
  while (end > 0 && bytes[end - 1] == 0) --end;
  return end;
}

// Takes what it can from records that begin at or behind `offset`, wherever they are.
void SearchBehind(std::string_view bytes, std::size_t offset, std::size_t zeros, WalScan& scan) {
  std::string why;
  while (offset < zeros) {
    const std::optional<Fragment> fragment = ReadFragment(bytes, offset, why);
    if (!fragment.has_value()) {
      ++offset;
      continue;
    }
    offset += kHeaderSize + fragment->payload.size();
    if (fragment->type != kFull && fragment->type != kFirst) continue;
    if (fragment->payload.size() < kBatchHeaderSize) continue;
    const std::uint64_t sequence = SequenceOf(fragment->payload);
    if (!scan.resumes_at.has_value()) scan.resumes_at = sequence;
    scan.vouched = std::max(scan.vouched, VoucherOf(fragment->payload));
  }
}

// Takes a whole record into the unbroken beginning, unless it does not continue it.
bool Continues(std::string_view record, WalScan& scan) {
  if (record.size() < kBatchHeaderSize) {
    scan.damage = "a record is too small";
    return false;
  }
  const std::uint64_t sequence = SequenceOf(record);
  if (scan.next_sequence.has_value() && sequence != *scan.next_sequence) {
    scan.damage = absl::StrFormat("write %d follows where %d belongs", sequence, *scan.next_sequence);
    return false;
  }
  if (!scan.first_sequence.has_value()) scan.first_sequence = sequence;
  scan.next_sequence = sequence + LittleEndian(record.substr(8, 4));
  scan.vouched = std::max(scan.vouched, VoucherOf(record));
  return true;
}

}  // namespace

std::string MakeVoucher(std::uint64_t durable_sequence) {
  std::string voucher = kVoucherMark;
  for (int shift = 0; shift < 64; shift += 8) voucher.push_back(static_cast<char>(durable_sequence >> shift));
  return voucher;
}

WalScan ScanWal(std::string_view bytes, std::optional<std::uint64_t> expected) {
  WalScan scan;
  scan.next_sequence = expected;
  std::string record;
  bool within = false;  // A record that has begun and not ended.
  const std::size_t zeros = ZerosAtEnd(bytes);
  std::size_t offset = 0;
  while (offset < bytes.size() && scan.damage.empty()) {
    const std::size_t left = kBlockSize - offset % kBlockSize;
    if (left < kHeaderSize) {  // The filled end of a block.
      offset = std::min(offset + left, bytes.size());
      if (!within) scan.good_end = offset;
      continue;
    }
    if (offset >= zeros) break;  // A header is not all zeros: what is left is room.
    const std::optional<Fragment> fragment = ReadFragment(bytes, offset, scan.damage);
    if (!fragment.has_value()) break;
    const bool begins = fragment->type == kFull || fragment->type == kFirst;
    const bool ends = fragment->type == kFull || fragment->type == kLast;
    if (begins == within) {
      scan.damage = within ? "a record ends too early" : "a record has no beginning";
      break;
    }
    if (begins) record.clear();
    record.append(fragment->payload);
    within = !ends;
    offset += kHeaderSize + fragment->payload.size();
    if (ends && Continues(record, scan)) scan.good_end = offset;
  }
  if (within && scan.damage.empty()) scan.damage = "a record is cut off";
  if (!scan.damage.empty()) SearchBehind(bytes, scan.good_end, zeros, scan);
  return scan;
}

}  // namespace souk
