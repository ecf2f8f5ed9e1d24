import CPlumbline
import PlumbModel
import PlumbVerdicts

/// A tensor in a caller's memory: all that is said of it is checked, then its elements are copied.
@safe struct LentTensor {
  /// The most elements of a tensor, and of one whose elements stand in memory once for several indices.
  private static let (mostElements, mostRepeated) = (1 << 31, 1 << 26)
  /// The most extents of a tensor.
  private static let mostExtents = 16
  /// The farthest that an element may lie from the first, in bytes: no address space is larger.
  private static let farthest = 1 << 47

  let name: String
  let shape: [Int]
  private let count: Int
  /// The distances between neighbours along each axis, in bytes.
  private let steps: [Int]
  private let type: plumbline_type
  private let data: UnsafeRawPointer?

  /// Checks all that `tensor` says.
  ///
  /// - Throws: `BadArgument` that names the tensor.
  init(_ tensor: plumbline_tensor, name: String) throws {
    func refuse(_ problem: String) -> BadArgument { BadArgument("tensor '\(name)': \(problem)") }
    guard let type = unsafe plumbline_type(of: tensor.type), let size = type.size else {
      throw refuse("there is no type \(unsafe tensor.type); plumbline_type has all")
    }
    let rank = Int(unsafe tensor.rank)
    guard 0...Self.mostExtents ~= rank else { throw refuse("has rank \(rank), expected 0 to \(Self.mostExtents)") }
    guard unsafe rank == 0 || tensor.shape != nil else { throw refuse("its shape is a null pointer") }
    // Sound: the caller lends as many extents as the rank says, and strides where there are any.
    let shape = (0..<rank).map { unsafe Int(tensor.shape[$0]) }
    let given = unsafe tensor.strides == nil ? nil : (0..<rank).map { unsafe Int(tensor.strides[$0]) }
    if let bad = shape.first(where: { $0 < 0 }) { throw refuse("has an extent of \(bad) in \(shape)") }
    guard let count = Self.product(shape), count <= Self.mostElements, ReasonableShape.holds(shape) else {
      throw refuse("a shape of \(shape) is too large")
    }
    let strides = given ?? Self.rowMajor(shape)
    let reach = zip(shape, strides).reduce(size) { reach, axis in
      guard axis.0 > 1 else { return reach }
      return Self.product([axis.0 - 1, axis.1, size]).map { min(reach + abs($0), Self.farthest + 1) } ?? Self.farthest
        + 1
    }
    guard count == 0 || reach <= Self.farthest else { throw refuse("strides of \(strides) leave the address space") }
    guard count <= Self.mostRepeated || !zip(shape, strides).contains(where: { $0 > 1 && $1 == 0 }) else {
      throw refuse("a shape of \(shape) is too large where elements are repeated by a stride of 0")
    }
    guard unsafe count == 0 || tensor.data != nil else { throw refuse("its data are a null pointer") }
    (self.name, self.shape, self.count, self.type) = (name, shape, count, type)
    steps = count == 0 ? strides : zip(shape, strides).map { $0 > 1 ? $1 * size : 0 }
    unsafe data = tensor.data
  }

  /// The product of `factors`; `nil` where it overflows.
  private static func product(_ factors: [Int]) -> Int? {
    if factors.contains(0) { return 0 }
    var result = 1
    for factor in factors {
      let (product, overflow) = result.multipliedReportingOverflow(by: factor)
      // The least number has no magnitude.
      guard !overflow, product != .min else { return nil }
      result = product
    }
    return result
  }

  /// The strides of a tensor of `shape` without gaps.
  private static func rowMajor(_ shape: [Int]) -> [Int] {
    var strides: [Int] = []
    for axis in shape.indices { strides.append(product(Array(shape[(axis + 1)...])) ?? 0) }
    return strides
  }

  /// The elements as numbers.
  ///
  /// - Throws: `CaseFileError` where one is no Float32, `BadArgument` where they are whole numbers.
  func numbers() throws -> Activation<Float> {
    let elements: [Float] =
      switch type {
      case PLUMBLINE_F32: gathered(Float.self) { $0 }
      case PLUMBLINE_F64: try Activation<Float>.exactly(gathered(Double.self) { $0 }, of: name, file: "argument")
      case PLUMBLINE_F16: gathered(UInt16.self) { Float(halfPattern: $0) }
      case PLUMBLINE_BF16: gathered(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
      default: throw BadArgument("tensor '\(name)' holds whole numbers, expected floating-point numbers")
      }
    return Activation(shape: shape, elements: elements)
  }

  /// The elements as whole numbers.
  ///
  /// - Throws: `BadArgument` where they are not.
  func integers() throws -> Activation<Int> {
    let elements =
      switch type {
      case PLUMBLINE_I32: gathered(Int32.self) { Int($0) }
      case PLUMBLINE_I64: gathered(Int64.self) { Int($0) }
      default:
        throw BadArgument("tensor '\(name)' holds floating-point numbers, expected 32-bit or 64-bit whole numbers")
      }
    return Activation(shape: shape, elements: elements)
  }

  /// The elements in row-major order, each word made an element by `value`.
  private func gathered<Word: BitwiseCopyable, Element>(_: Word.Type, _ value: (Word) -> Element) -> [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(count)
    guard count > 0, let data = unsafe data else { return elements }
    let (columns, step) = (shape.last ?? 1, steps.last ?? 0)
    var index = [Int](repeating: 0, count: shape.count)
    var start = 0
    while elements.count < count {
      for column in 0..<columns {
        // Sound: the caller lends all elements that shape and strides reach, for as long as the call lasts.
        elements.append(value(unsafe data.loadUnaligned(fromByteOffset: start + column * step, as: Word.self)))
      }
      var axis = shape.count - 2
      while axis >= 0 {
        index[axis] += 1
        start += steps[axis]
        if index[axis] < shape[axis] { break }
        start -= shape[axis] * steps[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return elements
  }
}

extension plumbline_type {
  /// The type of the number `code`; `nil` where there is none.
  fileprivate init?(of code: Int32) {
    guard let code = UInt32(exactly: code), plumbline_type(code).size != nil else { return nil }
    self = plumbline_type(code)
  }

  /// The size of an element, in bytes; `nil` where there is no such type.
  fileprivate var size: Int? {
    switch self {
    case PLUMBLINE_F16, PLUMBLINE_BF16: 2
    case PLUMBLINE_F32, PLUMBLINE_I32: 4
    case PLUMBLINE_F64, PLUMBLINE_I64: 8
    default: nil
    }
  }
}
