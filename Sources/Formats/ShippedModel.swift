import CShipped
import PlumbModel

/// The small model that comes with the package: trained by it, on its own text, and stored within the program.
///
/// It is made again by `.ci/train`, byte for byte.
enum ShippedModel {
  /// The model.
  ///
  /// Reading it cannot fail: a test reads the same bytes.
  static let loaded: LoadedModel = {
    do {
      return try LoadedModel(GGUFFile(bytes: Bytes(), file: "the model that ships"), source: "shipped with the package")
    } catch { preconditionFailure("\(error)") }
  }()

  /// The bytes of the file, which live as long as the program.
  private final class Bytes: WeightBytes {
    let count = plumb_shipped_count()

    func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
      // Sound: the bytes are a constant of the program, as many as it says.
      unsafe try body(UnsafeRawBufferPointer(start: plumb_shipped_bytes(), count: count))
    }
  }
}
