#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The lock of a folder, held by one process at a time while it reads a file there and replaces it.
package enum FolderLock {
  /// Calls `body` while this process alone holds the lock of the folder at `path`; other processes wait.
  ///
  /// *Edge cases*: where the folder cannot be opened or its file system has no locks, `body` runs without one.
  package static func withLock<R, E: Error>(_ path: String, _ body: () throws(E) -> R) throws(E) -> R {
    // Sound, here and below: the calls read the path, which outlives them, and the descriptor is this function's own.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return try body() }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    return try body()
  }
}
