import PlumbModel

// What a test of somebody else's kernel takes from a case.
extension CheckedCase {
  /// The Float32 tensor `name`.
  ///
  /// - Throws: `CaseError` where the layer takes none of that name, or the case leaves it out.
  package func tensor(_ name: String) throws(CaseError) -> Activation<Float> {
    guard let tensor = optionalReal(name) else { throw missing(tensor: name) }
    return tensor
  }

  /// The tensor `name` of whole numbers, such as tokens.
  ///
  /// - Throws: `CaseError` where the layer takes none of that name.
  package func indices(_ name: String) throws(CaseError) -> Activation<Int> {
    guard case .integer(let indices)? = source.tensors[name] else { throw missing(tensor: name) }
    return indices
  }

  private func missing(tensor name: String) -> CaseError {
    let names = source.tensors.keys.sorted().joined(separator: ", ")
    return CaseError(source.layer, "this case has no such tensor '\(name)'; it has \(names)")
  }
}
