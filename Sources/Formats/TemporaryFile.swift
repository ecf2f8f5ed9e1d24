import Foundation

/// The file that is written before it takes the name of the one that it replaces.
///
/// Its writer holds its lock, which ends with the process however that ends, and on whichever machine: a file that can be
/// locked is nobody's.
package struct TemporaryFile {
  /// The path, in the folder of the file to replace.
  let path: String
  /// The open file, which holds the lock.
  let descriptor: CInt

  /// The number of an error of the system.
  struct Failure: Error { let code: CInt }

  private static let (prefix, suffix) = (".plumb-", ".tmp")

  /// A new file in `folder`, which ends with a slash or is empty.
  static func made(in folder: String) -> Result<TemporaryFile, Failure> {
    while true {
      // A short name: one made of the file's own could be too long for the folder.
      let path = "\(folder)\(prefix)\(getpid())-\(UInt32.random(in: .min ... .max))\(suffix)"
      // Sound: the call only reads the path, which outlives it.
      let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { return .failure(Failure(code: errno)) }
      if !isTaken(descriptor) { return .success(TemporaryFile(path: path, descriptor: descriptor)) }
      // Cleared away by another process before it was locked: once more.
      close(descriptor)
    }
  }

  /// Whether another process has, or had, the lock of a file that this one has just made.
  private static func isTaken(_ descriptor: CInt) -> Bool {
    // A file system without locks has nobody who clears.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { return errno == EWOULDBLOCK }
    var status = stat()
    // Sound: `status` is a local of the type that fstat fills.
    return unsafe fstat(descriptor, &status) == 0 && status.st_nlink == 0
  }

  /// Removes from `folder`, which ends with a slash or is empty, what processes left behind that were ended at once.
  ///
  /// *Edge cases*: what cannot be looked at, locked or removed stays.
  package static func clear(_ folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    for name in names where isName(name) {
      // Sound, here and below: the calls only read the path, which outlives them.
      let descriptor = unsafe open(folder + name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      // One that its writer has renamed meanwhile has another name, and no file has this one.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unsafe unlink(folder + name) }
      close(descriptor)
    }
  }

  /// Whether `name` is that of a temporary file: two numbers between the prefix and the suffix.
  private static func isName(_ name: String) -> Bool {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
    let numbers = name.dropFirst(prefix.count).dropLast(suffix.count).split(
      separator: "-", omittingEmptySubsequences: false)
    return numbers.count == 2 && UInt32(numbers[0]) != nil && UInt32(numbers[1]) != nil
  }
}
