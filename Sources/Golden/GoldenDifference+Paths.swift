import Foundation

extension GoldenDifference {
  /// The changes from the golden file, or folder of them, at `old` to that at `new`.
  ///
  /// - Throws: `GoldenError` where one cannot be read, or one is a folder and the other a file.
  package static func between(path old: String, path new: String) throws(GoldenError) -> [GoldenDifference] {
    switch (isFolder(old), isFolder(new)) {
    case (false, false):
      let (before, after) = (try GoldenFile(path: old), try GoldenFile(path: new))
      guard before.subject == after.subject else {
        throw GoldenError(
          new, line: 2, "holds goldens of \(after.subject.name), '\(old)' of \(before.subject.name)",
          "compare two files of one layer")
      }
      return between(before, after)
    case (true, true):
      var differences: [GoldenDifference] = []
      for name in Set(names(old) + names(new)).sorted() {
        func read(_ folder: String) throws(GoldenError) -> GoldenFile? {
          names(folder).contains(name) ? try GoldenFile(path: "\(folder)/\(name)") : nil
        }
        differences += between(try read(old), try read(new))
      }
      return differences
    default:
      throw GoldenError(new, "one is a folder, the other is not", "compare two files, or two folders")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private static func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".golden") }
  }
}
