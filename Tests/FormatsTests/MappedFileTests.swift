import Foundation
import PlumbFormats
import Testing

@Suite struct MappedFileTests {
  @Test func theBytesAreTheFile() throws {
    try withFolder { folder in
      let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* $0) }
      try AtomicFile.write(bytes, to: "\(folder)/file")
      let mapped = try MappedFile(path: "\(folder)/file")
      #expect(mapped.count == bytes.count)
      // Sound: the bytes are copied while they are lent.
      #expect(unsafe mapped.withUnsafeBytes { unsafe Array($0) } == bytes)
    }
  }

  @Test func aFileOnDiskBecomesAModel() throws {
    try withFolder { folder in
      try AtomicFile.write(TinyLlama.writer().bytes(), to: "\(folder)/tiny.gguf")
      let model = try LoadedModel.open(path: "\(folder)/tiny.gguf")
      let same = try LoadedModel(TinyLlama.writer().read())
      #expect(model.fingerprint == same.fingerprint && model.name == "tiny")
      #expect(model.source == "GGUF version 3, \(folder)/tiny.gguf")
    }
  }

  @Test func aReplacedFileStaysMapped() throws {
    try withFolder { folder in
      try AtomicFile.write([1, 2, 3], to: "\(folder)/file")
      let mapped = try MappedFile(path: "\(folder)/file")
      try AtomicFile.write([4], to: "\(folder)/file")
      // Sound: the bytes are copied while they are lent.
      #expect(unsafe mapped.withUnsafeBytes { unsafe Array($0) } == [1, 2, 3])
    }
  }

  @Test func whatIsNoFileIsRefused() throws {
    try withFolder { folder in
      try AtomicFile.write([], to: "\(folder)/empty")
      let fifo = "\(folder)/fifo"
      #expect(unsafe mkfifo(fifo, 0o600) == 0)
      for (path, words) in [
        ("\(folder)/none", "there is no such file"), ("\(folder)/empty", "is empty"), (folder, "is a directory"),
        ("\(folder)/empty/x", "there is no such file"), (fifo, "is not an ordinary file"),
      ] {
        do {
          _ = try LoadedModel.open(path: path)
          Issue.record("\(path) was opened")
        } catch {
          #expect("\(error)".contains(words) && "\(error)".contains(path))
        }
      }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything")) func whatMayNotBeReadIsRefused() throws {
    try withFolder { folder in
      try AtomicFile.write([1], to: "\(folder)/secret")
      #expect(unsafe chmod("\(folder)/secret", 0) == 0)
      #expect { try MappedFile(path: "\(folder)/secret") } throws: { "\($0)".contains("may not be read") }
    }
  }

  @Test func aFailedWriteLeavesNothingBehind() throws {
    try withFolder { folder in
      #expect(throws: ModelError.self) { try AtomicFile.write([1], to: "\(folder)/none/file") }
      // A folder cannot be replaced by a file, so that only the last step fails.
      try FileManager.default.createDirectory(atPath: "\(folder)/taken", withIntermediateDirectories: false)
      #expect(throws: ModelError.self) { try AtomicFile.write([1], to: "\(folder)/taken") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
    }
  }

  /// Calls `body` with the path of a fresh folder, which is gone afterwards.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "plumb-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
