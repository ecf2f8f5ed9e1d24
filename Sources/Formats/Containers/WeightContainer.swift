import PlumbModel

/// A rule by which folders keep a matrix in several tensors: codes, and what they are multiplied by.
///
/// The matrix is what the parts say, as a real number; where a container rounds on the way, as its library does, its own text says so.
protocol WeightContainer: Sendable {
  /// The ends of the names of its parts behind the name of the module; by the first such a matrix is known.
  var parts: [String] { get }
  /// The ends of the names of tensors that have no part in the matrix, such as scales of activations.
  var ignored: [String] { get }

  /// The matrix that `parts` make.
  ///
  /// - Throws: `ModelError` where one is missing, damaged, or does not fit the others.
  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix
}

extension WeightContainer {
  var ignored: [String] { [] }

  /// Puts the matrices of this container in place of their parts among `entries`, and gives what it made.
  func take(
    from entries: inout [(SafeTensors.Entry, file: String)]
  ) throws(ModelError) -> [Tensor] {
    let mark = parts[0]
    let modules = Set(entries.compactMap { $0.0.name.hasSuffix(mark) ? String($0.0.name.dropLast(mark.count)) : nil })
    guard !modules.isEmpty else { return [] }
    var found: [String: StoredParts] = [:]
    var others: [(SafeTensors.Entry, file: String)] = []
    for (entry, file) in entries {
      let name = entry.name
      let end = (parts + ignored).first { name.hasSuffix($0) && modules.contains(String(name.dropLast($0.count))) }
      guard let end else {
        others.append((entry, file))
        continue
      }
      let module = String(name.dropLast(end.count))
      found[module, default: StoredParts(module: module)].entries[end] = (entry, file)
    }
    entries = others
    var made: [Tensor] = []
    for (module, parts) in found.sorted(by: { $0.key < $1.key }) {
      let matrix = try matrix(parts)
      guard let tensor = matrix.tensor("\(module).weight") else {
        throw parts.fault(mark, "is of a matrix of \(matrix.rows) × \(matrix.columns), which is beyond any memory")
      }
      made.append(tensor)
    }
    return made
  }
}

extension HuggingFaceConfiguration {
  /// The matrices that the folder's file called `name` keeps in several tensors.
  ///
  /// - Throws: `ModelError` where a part is missing, damaged, or does not fit the others.
  package func matrices(of file: SafeTensors, called name: String) throws(ModelError) -> [Tensor] {
    var entries = file.entries.map { ($0, file: name) }
    return try containers.take(from: &entries)
  }
}

extension [any WeightContainer] {
  /// Puts the matrices of all containers in place of their parts among `entries`, and gives what was made.
  func take(from entries: inout [(SafeTensors.Entry, file: String)]) throws(ModelError) -> [Tensor] {
    var made: [Tensor] = []
    for container in self { made += try container.take(from: &entries) }
    return made
  }
}
