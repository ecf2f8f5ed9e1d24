import ArgumentParser
import Foundation
import PlumbFormats

/// A command that reads or writes files; they are checked before it runs.
protocol FileUsing {
  /// The files of the command as it was called.
  var paths: CommandFiles { get }
}

/// The files that a command reads and writes, each with the option or argument that names it.
struct CommandFiles {
  private struct Named {
    let path: String
    let option: String
    let identity: FileIdentity?
    /// Whether it must be possible to put a file there before the work is done.
    var isPlaced = false
    /// Whether a file is put there: the standard output is there already.
    var isWritten = false

    var text: String { option.isEmpty ? path : "\(option) \(path)" }
  }

  private var inputs: [Named] = []
  private var outputs: [Named] = []

  /// The files of a command that has read and written none yet.
  init() {
    // Printing over an input loses it too. What is no ordinary file is not lost: a socket is often both streams.
    if let identity = Self.ordinary(STDOUT_FILENO) {
      outputs.append(Named(path: "the standard output", option: "", identity: identity))
    }
  }

  /// Adds what is read from `path`; `-` is the standard input.
  mutating func read(_ path: String?, _ option: String = "") {
    guard let path else { return }
    let identity = path == "-" ? Self.ordinary(STDIN_FILENO) : FileIdentity(path: path)
    inputs.append(Named(path: path, option: option, identity: identity))
  }

  /// Adds the model at `path`: a file and the other parts of it, or every file of a folder.
  mutating func readModel(_ path: String?, _ option: String = "") {
    guard let path, !ModelArgument.isWithin(path) else { return }
    read(path, option)
    let (folder, suffix): (String, String)
    if FileIdentity.status(path)?.isFolder == true {
      (folder, suffix) = (path + "/", "")
    } else if let parts = path.firstMatch(of: /-\d{5}(-of-\d{5}\.gguf)$/) {
      (folder, suffix) = (FileIdentity.folder(of: path), String(parts.1))
    } else {
      return
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasSuffix(suffix) { read(folder + name, option) }
  }

  /// Adds what is written to `path`, whose folder is made where it `makesFolder`.
  mutating func write(_ path: String?, _ option: String = "", makesFolder: Bool = false) {
    guard let path else { return }
    outputs.append(
      Named(path: path, option: option, identity: FileIdentity(path: path), isPlaced: !makesFolder, isWritten: true))
  }

  /// Adds a file of the command's own, which is read where it is there, and written again: that is what it is for.
  mutating func update(_ path: String?, _ option: String) { write(path, option) }

  /// Refuses an output that is an input or another output, and one that cannot be written, before any work is done.
  ///
  /// An output that is allowed now may still fail later.
  func check() throws(BadInput) {
    for (index, output) in outputs.enumerated() {
      if output.isPlaced { try Self.checkPlace(of: output) }
      guard let identity = output.identity else { continue }
      if let input = inputs.first(where: { $0.identity == identity }) {
        throw BadInput(message: "\(output.text): is \(input.text) itself, which would be lost; name another file")
      }
      if let other = outputs[..<index].first(where: { $0.identity == identity }) {
        throw BadInput(message: "\(output.text): is \(other.text) too, and one would be lost; name another file")
      }
    }
  }

  /// Removes what runs that were ended at once left beside the files that the command writes.
  func clear() {
    let targets = outputs.compactMap { $0.isWritten ? AtomicFile.target(of: $0.path) : nil }
    for folder in Set(targets.map { AtomicFile.folder(of: $0) }) { TemporaryFile.clear(folder) }
  }

  /// Refuses a path at which no file can be put.
  private static func checkPlace(of output: Named) throws(BadInput) {
    func refuse(_ problem: String) -> BadInput { BadInput(message: "\(output.text): \(problem)") }
    if output.path.isEmpty { throw BadInput(message: "\(output.option): names no file") }
    let status = FileIdentity.status(output.path)
    if status?.isFolder == true || output.path.hasSuffix("/") { throw refuse("is a folder; name a file") }
    // Pipes and devices are written to as they are.
    if let status, !status.isOrdinary { return }
    guard let target = AtomicFile.target(of: output.path) else { throw refuse("is a link to itself; name a file") }
    let folder = FileIdentity.folder(of: target)
    // Sound: the calls only read the paths, which outlive them.
    let isFolderOpen = unsafe access(folder, W_OK | X_OK) == 0
    guard isFolderOpen, unsafe status == nil || access(target, W_OK) == 0 else {
      throw refuse("cannot be written (\(Descriptor.message(errno))); check the folder")
    }
  }

  private static func ordinary(_ descriptor: CInt) -> FileIdentity? {
    var status = stat()
    // Sound: `status` is a local of the type that fstat fills.
    return unsafe fstat(descriptor, &status) == 0 && status.isOrdinary ? FileIdentity(descriptor: descriptor) : nil
  }
}

extension stat {
  /// Whether it is of an ordinary file.
  fileprivate var isOrdinary: Bool { st_mode & S_IFMT == S_IFREG }
  /// Whether it is of a folder.
  fileprivate var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}
