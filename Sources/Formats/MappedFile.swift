import PlumbModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file's bytes, mapped read-only: nobody can write to them through this process.
///
/// The mapping is of the file as it stands on disk. A file that is *replaced* (written beside, then renamed) does not
/// disturb it. A file that is *shortened in place* while mapped makes the operating system send SIGBUS at the first touch of
/// a page that is gone; no check here can prevent that, so replace model files by renaming. The command `plumb` handles the
/// signal; a library may not, as signals belong to the whole process.
@safe package final class MappedFile: WeightBytes {
  /// The path, as it was given.
  package let path: String
  /// The number of bytes; at least 1.
  package let count: Int
  // Sound: nobody writes through the pointer, and it lives until deinit. It is `Sendable` because it only reads.
  private nonisolated(unsafe) let base: UnsafeRawPointer

  /// Maps the file at `path`.
  ///
  /// - Throws: `ModelError` when the path is missing, empty, a directory, no ordinary file, or cannot be read.
  package init(path: String) throws(ModelError) {
    // O_NONBLOCK: opening a pipe must not wait for its writer.
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.openError(path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    // Sound: `status` is a local of the type that fstat fills.
    guard unsafe fstat(descriptor, &status) == 0 else { throw Self.openError(path: path, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR:
      throw ModelError(file: path, problem: "is a directory", remedy: "name the model file inside it")
    default:
      throw ModelError(file: path, problem: "is not an ordinary file", remedy: "save the model to disk first")
    }
    guard let size = Int(exactly: status.st_size), size > 0 else {
      throw ModelError(file: path, problem: "is empty", remedy: "download or copy the file again")
    }
    // Sound: a fresh private mapping of an open descriptor; failure is checked before the pointer is used.
    let mapping = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
      throw ModelError(
        file: path, problem: "cannot be mapped into memory (\(Descriptor.message(errno)))",
        remedy: "free address space or use a smaller model")
    }
    self.path = path
    count = size
    unsafe base = UnsafeRawPointer(mapping)
  }

  deinit {
    // Sound: the mapping is this object's own, and no pointer into it outlives the calls that lend it.
    unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
  }

  /// Calls `body` with all the bytes; the pointer is valid only during the call.
  package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    // Sound: the mapping has `count` bytes and lives at least as long as self, which the call keeps alive.
    unsafe try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Whether anything stands at `path`.
  static func exists(path: String) -> Bool { mode(path: path) != nil }

  /// Whether a directory stands at `path`.
  static func isDirectory(path: String) -> Bool { mode(path: path) == S_IFDIR }

  private static func mode(path: String) -> mode_t? {
    var status = stat()
    // Sound: `status` is a local of the type that stat fills, and the path outlives the call.
    return unsafe stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  static func openError(path: String, code: CInt) -> ModelError {
    switch code {
    case ENOENT, ENOTDIR:
      ModelError(file: path, problem: "there is no such file", remedy: "check the path")
    case EACCES, EPERM:
      ModelError(file: path, problem: "may not be read", remedy: "give yourself permission to read it (chmod +r)")
    default:
      ModelError(
        file: path, problem: "cannot be opened (\(Descriptor.message(code)))", remedy: "check the path and the disk")
    }
  }
}
