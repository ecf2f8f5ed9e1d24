import Foundation
import PlumbFormats

/// A file, whatever the path that names it: links, hard links and relative paths of one file have one identity.
enum FileIdentity: Hashable {
  /// A file that is there.
  case found(device: UInt64, inode: UInt64)
  /// The place of a file that is not there yet: its folder, and its name in it.
  case place(device: UInt64, inode: UInt64, name: String)

  /// The file at `path`; `nil` where there is not even its folder, and for devices, which hold nothing that could be lost.
  init?(path: String) {
    if let status = Self.status(path) {
      guard let found = Self(status) else { return nil }
      self = found
      return
    }
    guard let target = AtomicFile.target(of: path), let folder = Self.status(Self.folder(of: target)) else {
      return nil
    }
    let name = target.split(separator: "/").last.map(String.init) ?? ""
    self = .place(device: UInt64(folder.st_dev), inode: UInt64(folder.st_ino), name: name)
  }

  /// The open file `descriptor`; `nil` for what is closed and for devices.
  init?(descriptor: CInt) {
    var status = stat()
    // Sound: `status` is a local of the type that fstat fills.
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init?(_ status: stat) {
    guard status.st_mode & S_IFMT != S_IFCHR else { return nil }
    self = .found(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// The folder that `path` stands in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "./" }
    return String(path[...slash])
  }

  /// The file at `path`, behind all links; `nil` where there is none.
  static func status(_ path: String) -> stat? {
    var status = stat()
    // Sound: `status` is a local of the type that stat fills, and the path outlives the call.
    return unsafe stat(path, &status) == 0 ? status : nil
  }
}
