import Foundation
import Synchronization
import Testing

@testable import PlumbFormats

/// Files that stand at a path before something is written there.
@Suite struct AtomicFileTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path(percentEncoded: false))
  }

  @Test func aSymbolicLinkStaysOne() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/there", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/second", withDestinationPath: "there/file")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/first", withDestinationPath: "\(folder)/second")
      // The first time the link names nothing yet.
      for bytes: [UInt8] in [[1], [2, 3]] {
        try AtomicFile.write(bytes, to: "\(folder)/first")
        #expect(FileManager.default.contents(atPath: "\(folder)/there/file") == Data(bytes))
      }
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/first") == "\(folder)/second")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/second") == "there/file")
    }
  }

  @Test func linksInACircleAreRefused() throws {
    try withFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/a", withDestinationPath: "b")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/b", withDestinationPath: "a")
      #expect(throws: ModelError.self) { try AtomicFile.write([1], to: "\(folder)/a") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a", "b"])
    }
  }

  /// A device is written to, not replaced; this one forgets what it is given.
  @Test func aDeviceStaysOne() throws {
    try withFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/null", withDestinationPath: "/dev/null")
      try AtomicFile.write([1], to: "\(folder)/null")
      var status = stat()
      #expect(unsafe stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/null") == "/dev/null")
    }
  }

  @Test func aPipeIsWrittenToWhereSomebodyReads() throws {
    try withFolder { folder in
      let fifo = "\(folder)/fifo"
      #expect(unsafe mkfifo(fifo, 0o600) == 0)
      #expect { try AtomicFile.write([1], to: fifo) } throws: { "\($0)".contains("nobody reads") }
      let reader = unsafe open(fifo, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      try AtomicFile.write([7, 8], to: fifo)
      var bytes = [UInt8](repeating: 0, count: 4)
      #expect(unsafe read(reader, &bytes, 4) == 2 && bytes == [7, 8, 0, 0])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["fifo"])
    }
  }

  @Test func aLongNameIsNoLongerForBeingWritten() throws {
    try withFolder { folder in
      let path = "\(folder)/\(String(repeating: "n", count: 255))"
      try AtomicFile.write([1], to: path)
      #expect(FileManager.default.contents(atPath: path) == Data([1]))
    }
  }

  /// The file of a process that was ended at once is cleared; that of a living one, and one of another name, stay.
  @Test func whatADeadProcessLeftIsCleared() throws {
    try withFolder { folder in
      // No process has its lock: its writer is gone, whatever its number says.
      let stale = ".plumb-\(getpid())-7.tmp"
      let others = [".plumb-1.tmp", ".plumb-1-2-3.tmp", ".plumb-x-1.tmp", "plumb-1-2.tmp", ".plumb-1-2.tmp.old"]
      for name in [stale] + others { try Data([1]).write(to: URL(filePath: "\(folder)/\(name)")) }
      try FileManager.default.createDirectory(atPath: "\(folder)/.plumb-1-1.tmp", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/.plumb-1-4.tmp", withDestinationPath: others[0])
      let living = try TemporaryFile.made(in: "\(folder)/").get()
      TemporaryFile.clear("\(folder)/")
      let name = String(living.path.dropFirst(folder.count + 1))
      let kept = [".plumb-1-1.tmp", ".plumb-1-4.tmp", name] + others
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == kept.sorted())
      close(living.descriptor)
      TemporaryFile.clear("\(folder)/")
      #expect(!FileManager.default.fileExists(atPath: living.path))
    }
  }

  /// Clearing at every moment of a write: the write succeeds, and the file is whole.
  @Test func clearingDisturbsNoWriter() throws {
    final class Flag: Sendable { let isSet = Atomic(false) }
    try withFolder { folder in
      let isDone = Flag()
      Thread.detachNewThread {
        while !isDone.isSet.load(ordering: .relaxed) { TemporaryFile.clear("\(folder)/") }
      }
      defer { isDone.isSet.store(true, ordering: .relaxed) }
      let bytes = [UInt8](repeating: 3, count: 10_000)
      for number in 0..<200 {
        try AtomicFile.write(bytes, to: "\(folder)/\(number % 3)")
        #expect(FileManager.default.contents(atPath: "\(folder)/\(number % 3)") == Data(bytes))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["0", "1", "2"])
    }
  }
}
