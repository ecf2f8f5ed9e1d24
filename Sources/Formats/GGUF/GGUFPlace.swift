import PlumbModel

/// A tensor of a GGUF file where it lies, its bytes checked to be there.
struct GGUFPlace {
  let byteCount: Int
  private let tensor: Tensor
  /// The type whose blocks the tensor's bytes are; `nil` where it is of numbers as they are stored.
  private let codebook: CodebookType?
  private let shape: [Int]

  /// The tensor from `offset` on; `nil` where `bytes` do not hold it.
  init?(_ name: String, _ type: GGUFType, _ shape: [Int], offset: Int, _ bytes: any WeightBytes) {
    self.shape = shape
    switch type {
    case .stored(let type):
      guard let tensor = Tensor(name: name, type: type, shape: shape, bytes: bytes, offset: offset) else { return nil }
      (self.tensor, codebook, byteCount) = (tensor, nil, tensor.byteCount)
    case .codebook(let type):
      // Two bytes as one binary16, which all sizes are multiples of.
      var extents = shape
      extents[extents.count - 1] = (shape.last ?? 0) / type.elementsPerBlock * (type.bytesPerBlock / 2)
      guard let tensor = Tensor(name: name, type: .f16, shape: extents, bytes: bytes, offset: offset),
        tensor.count < 1 << 48
      else { return nil }
      (self.tensor, codebook, byteCount) = (tensor, type, tensor.byteCount)
    }
  }

  /// The tensors at `places`, and the names of those that are made; what multiplies another is none of them.
  ///
  /// - Throws: `ModelError` where a scale is no number, or takes others beyond Float32.
  static func tensors(_ places: [GGUFPlace], file: String) throws(ModelError) -> (all: [Tensor], made: Set<String>) {
    let byName = Dictionary(places.map { ($0.tensor.name, $0) }, uniquingKeysWith: { first, _ in first })
    var (all, made, used): ([Tensor], Set<String>, Set<String>) = ([], [], [])
    for place in places {
      guard let type = place.codebook else {
        all.append(place.tensor)
        continue
      }
      let name = place.tensor.name
      var scales: [Float]?
      if type == .nvfp4, name.hasSuffix(".weight") {
        let stem = name.dropLast(".weight".count)
        scales = try byName["\(stem).scale"].map { other throws(ModelError) in try place.scales(other, file: file) }
        used.formUnion(["\(stem).scale", "\(stem).input_scale"])
      }
      try place.refuseNonFinite(type, file: file)
      guard let tensor = place.numbers(type, times: scales) else {
        throw ModelError(
          file: file, problem: "tensor \(ModelError.quoted(name)) is beyond any memory", remedy: "fetch the model again"
        )
      }
      all.append(tensor)
      made.insert(name)
    }
    return (all.filter { !used.contains($0.name) }, made)
  }

  /// The numbers of `other`, one for all of this tensor or one for each of its matrices.
  private func scales(_ other: GGUFPlace, file: String) throws(ModelError) -> [Float] {
    let count = other.tensor.count
    let numbers = other.tensor.plainNumbers ?? []
    // Codes are from 2⁻¹⁰ to 6 · 448 in magnitude.
    guard numbers.count == count, count == 1 || shape.count == 3 && count == shape[0],
      numbers.allSatisfy({ $0.magnitude >= 0x1p-116 && ($0 * 6 * 480).isFinite })
    else {
      throw ModelError(
        file: file,
        problem:
          "tensor \(ModelError.quoted(other.tensor.name)) holds no scales of '\(tensor.name)' that Float32s stand",
        remedy: "the weights are damaged: fetch or convert the model again")
    }
    return numbers
  }

  private func refuseNonFinite(_ type: CodebookType, file: String) throws(ModelError) {
    // Sound: the bytes are looked at only while they are lent.
    let place = unsafe tensor.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: type.bytesPerBlock).first { start in
        unsafe !CodebookBlock(bytes: Array(bytes[start..<start + type.bytesPerBlock])[...], type: type).isFinite
      }
    }
    guard let place else { return }
    let element = place / type.bytesPerBlock * type.elementsPerBlock
    throw ModelError(
      file: file,
      problem: "tensor '\(tensor.name)' holds NaN or infinity at element \(element) (row "
        + "\(element / (shape.last ?? 1)), column \(element % (shape.last ?? 1)))",
      remedy: "the weights are damaged: fetch or convert the model again")
  }

  /// The tensor of the numbers, which are Float64s where something multiplies them.
  private func numbers(_ type: CodebookType, times scales: [Float]?) -> Tensor? {
    let (blocks, size) = (byteCount / type.bytesPerBlock, scales == nil ? 4 : 8)
    let perScale = max(blocks / (scales?.count ?? 1), 1)
    let bytes = MadeBytes(count: blocks * type.elementsPerBlock * size) { [tensor] in
      unsafe MadeBytes.rows(blocks, bytesEach: type.elementsPerBlock * size) { block, out in
        // Sound: so many blocks are the tensor's bytes, which are looked at only while they are lent, and `out` has room for one.
        let numbers = unsafe tensor.withUnsafeBytes { bytes in
          let start = block * type.bytesPerBlock
          return unsafe CodebookBlock(bytes: Array(bytes[start..<start + type.bytesPerBlock])[...], type: type).numbers
        }
        for (index, number) in numbers.enumerated() {
          if let scales {
            let product = Double(number) * Double(scales[block / perScale])
            unsafe out.storeBytes(of: product.bitPattern.littleEndian, toByteOffset: 8 * index, as: UInt64.self)
          } else {
            unsafe out.storeBytes(of: number.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
          }
        }
      }
    }
    return Tensor(name: tensor.name, type: scales == nil ? .f32 : .f64, shape: shape, bytes: bytes)
  }
}
