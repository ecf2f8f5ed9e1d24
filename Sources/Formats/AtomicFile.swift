import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes files so that nobody ever sees half of one.
package enum AtomicFile {
  /// Held while a temporary file is there, so that whoever ends the process at once can wait until none is left behind.
  private static let writing = Mutex(())

  /// Writes `bytes` beside `path` under a temporary name, then renames it to `path`.
  ///
  /// A symbolic link stays one: the file that it names is replaced. A file that is no ordinary one, such as a pipe or
  /// `/dev/null`, has nothing to replace, and is written to as it is.
  ///
  /// - Throws: `ModelError` when the file cannot be written; `path` is then as it was, and nothing is left behind.
  package static func write(_ bytes: [UInt8], to path: String) throws(ModelError) {
    if isSpecial(path) { return try writeThrough(bytes, to: path) }
    guard let target = target(of: path) else { throw failure(path, ELOOP) }
    let code = writing.withLock { _ in replace(target, by: bytes) }
    if let code { throw failure(path, code) }
  }

  /// Calls `body` while no temporary file is there.
  package static func whileNoneIsWritten<Result>(_ body: () -> Result) -> Result {
    writing.withLock { _ in body() }
  }

  /// The error's number where the file could not be replaced.
  private static func replace(_ path: String, by bytes: [UInt8]) -> CInt? {
    let temporary: TemporaryFile
    switch TemporaryFile.made(in: folder(of: path)) {
    case .success(let made): temporary = made
    case .failure(let failure): return failure.code
    }
    var code = Descriptor.write(bytes, to: temporary.descriptor)
    if code == nil && fsync(temporary.descriptor) != 0 { code = errno }
    // Some file systems say only here that the disk is full; the lock holds until the file has its name.
    let lock = dup(temporary.descriptor)
    if close(temporary.descriptor) != 0 && code == nil { code = errno }
    // Sound, here and below: the calls only read the paths, which outlive them.
    if code == nil, unsafe rename(temporary.path, path) != 0 { code = errno }
    if code != nil { unsafe unlink(temporary.path) }
    if lock >= 0 { close(lock) }
    return code
  }

  /// The folder that `path` stands in, with a slash; empty where it is the current one.
  package static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// The file that `path` names after its last symbolic links, whether it is there or not; `nil` for links without end.
  package static func target(of path: String) -> String? {
    var path = path
    // As many links in a row as Linux follows.
    for _ in 0..<40 {
      var name = [CChar](repeating: 0, count: 4096)
      // Sound: at most as many bytes are written as the array has.
      let count = unsafe readlink(path, &name, name.count)
      guard count > 0 else { return path }
      let next = String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let folder = folder(of: path)
      path = next.hasPrefix("/") ? next : folder + next
    }
    return nil
  }

  /// Whether something stands at `path` that is neither an ordinary file nor a folder.
  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    // Sound: `status` is a local of the type that stat fills, and the path outlives the call.
    guard unsafe stat(path, &status) == 0 else { return false }
    return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  private static func writeThrough(_ bytes: [UInt8], to path: String) throws(ModelError) {
    // O_NONBLOCK: a pipe that nobody reads is an error at once, and nothing to wait for.
    let descriptor = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENXIO
        ? ModelError(file: path, problem: "is a pipe that nobody reads", remedy: "start its reader first")
        : failure(path, errno)
    }
    defer { close(descriptor) }
    if let code = Descriptor.write(bytes, to: descriptor) { throw failure(path, code) }
  }

  private static func failure(_ path: String, _ code: CInt) -> ModelError {
    ModelError(
      file: path, problem: "cannot be written (\(Descriptor.message(code)))", remedy: "check the folder and the disk")
  }
}
