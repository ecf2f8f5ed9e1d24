import PlumbLayers
import PlumbModel
import PlumbTolerance

extension Mutant {
  /// The bugs of keeping partial sums of `count` products each in a narrow format, in `layer`, which is a matrix product.
  package static func partialSums(of count: Int, layer: LayerKind) -> [Mutant] {
    [FloatFormat.bfloat16, .float16].map { format in
      layer == .unembedding
        ? Mutant(
          Unembedding<Float64Context>.partialSums(count, format),
          Unembedding<EnclosureContext>.partialSums(count, format))
        : Mutant(Linear<Float64Context>.partialSums(count, format), Linear<EnclosureContext>.partialSums(count, format))
    }
  }
}

// A family of bugs, of which a diagnosis tries members; the catalogue has those of single products and of two parts.
extension Linear where Context: BugContext {
  /// The sums of `count` products each are added up in `format`.
  static func partialSums(_ count: Int, _ format: FloatFormat) -> Bug<Self> {
    mutant("sums-of-\(count)-in-\(format.name)", "Partial sums of \(count) products are kept in \(format.name).") {
      $0.sum = { inputs, weights, bias in
        stride(from: 0, to: inputs.count, by: count).reduce(inputs.number(0)) { total, start in
          let part = start..<min(start + count, inputs.count)
          return (total + inputs[part].dot(weights[part])).rounded(to: format)
        }.adding(bias)
      }
    }
  }
}

extension Unembedding where Context: BugContext {
  /// The sums of `count` products each are added up in `format`.
  static func partialSums(_ count: Int, _ format: FloatFormat) -> Bug<Self> {
    let bug = Linear<Context>.partialSums(count, format)
    return mutant(bug.name, bug.sentence) { plain in bug.plant?(&plain.product) }
  }
}
