import PlumbFormats

/// A file of text, or the standard input.
enum TextFile {
  /// The text of the file at `path`, or of the standard input for `-`.
  static func read(_ path: String) throws(BadInput) -> String {
    do {
      return try WholeFile.text(path)
    } catch {
      throw BadInput(message: "\(error)")
    }
  }
}
