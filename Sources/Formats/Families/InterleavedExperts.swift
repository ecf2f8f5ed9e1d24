import PlumbModel

/// The matrices and biases of all experts in tensors of one name: `[experts, inputs, outputs]`, or packed as MXFP4.
struct InterleavedExperts {
  private enum Storage {
    case plain(Tensor)
    case packed(PackedStack)
  }

  private let storage: Storage
  private let biases: Tensor
  private let name: String
  private let count: Int
  private let model: DecoderModel

  /// Takes the tensors called `name` of `count` experts from `source`, each of so many `rows` where that is known.
  ///
  /// - Throws: `ModelError` where one is missing or has another shape.
  fileprivate init(
    _ name: String, _ count: Int, rows: Int?, _ model: DecoderModel, _ source: inout TensorSource
  ) throws(ModelError) {
    (self.name, self.count, self.model) = (name, count, model)
    let found: (shape: [Int], rows: Int)
    if let packed = source.takePacked(name) {
      storage = .packed(packed)
      found = ([packed.experts, packed.rows], packed.rows)
    } else {
      let plain = try source.take(name)
      storage = .plain(plain)
      guard plain.shape.count == 3 else { throw model.wrongSize(plain, count) }
      try plain.refuseNonFinite(file: model.file)
      found = (plain.shape, plain.shape[2])
    }
    biases = try source.take("\(name)_bias")
    guard found.shape[0] == count, rows.map({ $0 == found.rows }) ?? true, biases.shape == [count, found.rows] else {
      throw ModelError(
        file: model.file,
        problem:
          "tensor '\(name)' has shape \(found.shape) and its bias \(biases.shape), but there are \(count) experts"
          + (rows.map { " of \($0) outputs" } ?? ""),
        remedy: "the model contradicts itself: fetch or convert it again")
    }
  }

  /// The product of each expert to the outputs `rows`, or to all, which `word` names.
  ///
  /// - Throws: `ModelError` where the tensors are of a type that cannot be put into another order.
  func products(rows: [Int]?, _ word: String, _ source: inout TensorSource) throws(ModelError) -> [LinearLayer] {
    var products: [LinearLayer] = []
    for expert in 0..<count {
      let rows = rows ?? Array(0..<biases.columns)
      let name = "\(name)[\(expert), \(word)]"
      let weight: Tensor? =
        switch storage {
        case .plain(let stack): stack.matrix(expert)?.columns(rows, name: name)
        case .packed(let stack): stack.matrix(expert, rows: rows, name: name)?.made
        }
      guard let weight else { throw model.wrongSize(biases, biases.columns) }
      products.append(
        LinearLayer(
          weight: weight, bias: try model.bias(biases, expert, of: count, rows: rows, "\(name), bias")))
    }
    source.check(products)
    return products
  }
}

extension DecoderModel {
  /// The tensors of experts called `name`, in which rows stand in turn.
  func stack(
    _ name: String, _ count: Int, rows: Int?, _ source: inout TensorSource
  ) throws(ModelError) -> InterleavedExperts {
    try InterleavedExperts(name, count, rows: rows, self, &source)
  }
}
