internal import CKernels
import PlumbModel

extension Engine {
  /// x + y, element by element.
  ///
  /// *Error bound*: one rounding, fl32(x + y); a sum never underflows.
  ///
  /// - Precondition: the shapes are equal.
  package static func residualAdd(_ x: Activation<Float>, _ y: Activation<Float>) -> Activation<Float> {
    residualAdd(x, y, Crew(threads: 1, instructionSet: .portable))
  }

  static func residualAdd(_ x: Activation<Float>, _ y: Activation<Float>, _ crew: Crew) -> Activation<Float> {
    precondition(x.shape == y.shape, "shapes \(x.shape) and \(y.shape) cannot be added")
    return unsafe mapPairs(x, y, crew, crew.kernels.add)
  }

  /// A kernel of two operands, element by element; elements are shared among the threads in equal pieces.
  static func mapPairs(
    _ x: Activation<Float>, _ y: Activation<Float>, _ crew: Crew,
    _ kernel: (UnsafePointer<Float>, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>) -> Void
  ) -> Activation<Float> {
    let (count, piece) = (x.elements.count, 1 << 14)
    return unsafe Activation.filled(x.shape, crew) { output in
      // Sound: both operands have `count` elements, and each item writes its own.
      unsafe x.elements.withUnsafeBufferPointer { x in
        unsafe y.elements.withUnsafeBufferPointer { y in
          guard let x = x.baseAddress, let y = y.baseAddress else { return }
          crew.run((count + piece - 1) / piece) { item, _ in
            let first = item * piece
            unsafe kernel(x + first, y + first, min(piece, count - first), output + first)
          }
        }
      }
    }
  }
}
