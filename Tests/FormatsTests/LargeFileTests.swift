import Foundation
import PlumbFormats
import Testing

/// A file is mapped, not read: the benchmarks time what is only counted here.
@Suite struct LargeFileTests {
  @Test func `four gibibytes of weights are opened without being read`() throws {
    let path = NSTemporaryDirectory() + "plumb-\(UUID().uuidString).gguf"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var writer = GGUFWriter()
    let gibibyte: UInt64 = 1 << 30
    writer.tensors = (0..<4).map { index in
      GGUFWriter.Entry(
        name: "weights.\(index)", type: 0, extents: [1 << 14, 1 << 14], data: [], offset: UInt64(index) * gibibyte)
    }
    let head = writer.bytes()
    try AtomicFile.write(head, to: path)
    // The rest of the file is a hole: it takes no space.
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.truncate(atOffset: UInt64(head.count) + 4 * gibibyte)
    try handle.close()
    let before = Self.residentFilePages()
    let file = try GGUFFile(path: path)
    #expect(file.tensors.count == 4 && file.tensors.allSatisfy { $0.byteCount == 1 << 30 })
    // What other tests map meanwhile is far less than a quarter of the file.
    if let before, let after = Self.residentFilePages() { #expect(after - before < 1 << 28) }
    // Sound: one byte is read while the bytes are lent.
    #expect(unsafe file.tensors[3].withUnsafeBytes { unsafe $0.last } == 0)
  }

  /// The bytes of mapped files that are in memory; `nil` where the system does not tell.
  private static func residentFilePages() -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssFile:") })
    else { return nil }
    return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
