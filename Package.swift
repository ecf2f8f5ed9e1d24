// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target of the package: Swift 6 language mode, and each unsafe expression marked by the word `unsafe`.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .strictMemorySafety()]

/// The modules of the harness, from the exact numbers up, for tests that are about several of them.
let house: [Target.Dependency] = [
  "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbLayers", "PlumbReference", "PlumbEngine", "PlumbTolerance",
  "PlumbBounds", "PlumbVerdicts", "PlumbDrift", "PlumbCertification", "PlumbGolden", "PlumbExhaustion", "PlumbCases",
  "PlumbMutants", "PlumbFuzzing", "PlumbGradients", "PlumbGrading", "PlumbReports", "PlumbTraining",
]

let package = Package(
  name: "plumbline",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "plumb", targets: ["plumb"]),
    .library(name: "Plumbline", targets: ["Plumbline"]),
    .library(name: "plumbline", type: .dynamic, targets: ["PlumbCInterface"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "CGMP", path: "Sources/CGMP", pkgConfig: "gmp",
      providers: [.apt(["libgmp-dev"]), .brew(["gmp"])]),
    // SHA-256 for the fingerprints of weights: a well-kept implementation beats one of our own.
    .systemLibrary(
      name: "CCrypto", path: "Sources/CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .target(name: "CKernels", path: "Sources/CKernels"),
    // The headers that users of the C interface include.
    .systemLibrary(name: "CPlumbline", path: "Sources/CPlumbline"),
    .target(name: "CExact", path: "Sources/CExact"),
    // The model that ships, as data within the program.
    .target(name: "CShipped", path: "Sources/CShipped", exclude: ["plumb-tiny.gguf"]),

    // Target names carry a prefix because a user's package graph has a `Model` and an `Engine` of its own.
    .target(name: "PlumbExact", dependencies: ["CGMP", "CExact"], path: "Sources/Exact", swiftSettings: strict),
    .target(name: "PlumbModel", path: "Sources/Model", swiftSettings: strict),
    .target(
      name: "PlumbFormats", dependencies: ["PlumbExact", "PlumbModel", "CCrypto", "CShipped"],
      path: "Sources/Formats", swiftSettings: strict),
    .target(name: "PlumbLayers", dependencies: ["PlumbModel"], path: "Sources/Layers", swiftSettings: strict),
    .target(
      name: "PlumbReference", dependencies: ["PlumbExact", "PlumbModel"],
      path: "Sources/Reference", swiftSettings: strict),
    .target(
      name: "PlumbEngine", dependencies: ["PlumbModel", "CKernels"],
      path: "Sources/Engine", swiftSettings: strict),
    .target(
      name: "PlumbTolerance", dependencies: ["PlumbExact", "PlumbModel", "PlumbLayers"],
      path: "Sources/Tolerance", swiftSettings: strict),
    .target(
      name: "PlumbBounds",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbLayers", "PlumbReference", "PlumbEngine", "PlumbTolerance",
      ],
      path: "Sources/Bounds", swiftSettings: strict),
    .target(
      name: "PlumbVerdicts",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbLayers", "PlumbReference", "PlumbEngine", "PlumbTolerance",
        "PlumbBounds",
      ],
      path: "Sources/Verdicts", swiftSettings: strict),
    .target(
      name: "PlumbDrift",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbReference", "PlumbEngine", "PlumbBounds",
        "PlumbVerdicts",
      ],
      path: "Sources/Drift", swiftSettings: strict),
    .target(
      name: "PlumbCertification",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbReference", "PlumbEngine", "PlumbVerdicts", "PlumbDrift",
      ],
      path: "Sources/Certification", swiftSettings: strict),
    .target(
      name: "PlumbGradients",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbLayers", "PlumbReference", "PlumbEngine", "PlumbTolerance",
        "PlumbBounds", "PlumbVerdicts",
      ],
      path: "Sources/Gradients", swiftSettings: strict),
    .target(
      name: "PlumbTraining",
      dependencies: ["PlumbModel", "PlumbFormats", "PlumbEngine", "PlumbVerdicts", "PlumbGradients"],
      path: "Sources/Training", swiftSettings: strict),
    .target(
      name: "PlumbGolden",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbLayers", "PlumbReference", "PlumbTolerance", "PlumbBounds",
        "PlumbVerdicts",
      ],
      path: "Sources/Golden", swiftSettings: strict),
    .target(
      name: "PlumbExhaustion",
      dependencies: ["PlumbExact", "PlumbModel", "PlumbReference", "PlumbEngine", "PlumbTolerance", "PlumbVerdicts"],
      path: "Sources/Exhaustion", swiftSettings: strict),
    .target(
      name: "PlumbCases",
      dependencies: ["PlumbModel", "PlumbFormats", "PlumbEngine", "PlumbTolerance", "PlumbVerdicts"],
      path: "Sources/Cases", swiftSettings: strict),
    .target(
      name: "PlumbMutants",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbLayers", "PlumbEngine", "PlumbTolerance", "PlumbBounds", "PlumbVerdicts",
        "PlumbCases",
      ],
      path: "Sources/Mutants", swiftSettings: strict),
    .target(
      name: "PlumbFuzzing",
      dependencies: [
        "PlumbModel", "PlumbFormats", "PlumbReference", "PlumbTolerance", "PlumbVerdicts", "PlumbCases", "PlumbMutants",
      ],
      path: "Sources/Fuzzing", swiftSettings: strict),
    .target(
      name: "PlumbGrading",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbLayers", "PlumbReference", "PlumbEngine", "PlumbTolerance",
        "PlumbBounds", "PlumbVerdicts", "PlumbDrift", "PlumbCases", "PlumbMutants",
      ],
      path: "Sources/Grading", swiftSettings: strict),
    .target(
      name: "PlumbReports",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbVerdicts", "PlumbDrift", "PlumbCertification", "PlumbGradients",
        "PlumbGolden", "PlumbExhaustion", "PlumbMutants", "PlumbFuzzing", "PlumbGrading", "PlumbTraining",
      ],
      path: "Sources/Reports", swiftSettings: strict),
    // The library's own face: everything else is for this package alone.
    .target(
      name: "Plumbline",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbTolerance", "PlumbVerdicts", "PlumbDrift", "PlumbCases",
        "PlumbFuzzing", "PlumbGrading", "PlumbReports",
      ],
      path: "Sources/Plumbline", swiftSettings: strict),
    .target(
      name: "PlumbCInterface",
      dependencies: [
        "CPlumbline", "PlumbModel", "PlumbFormats", "PlumbEngine", "PlumbTolerance", "PlumbVerdicts", "PlumbCases",
        "PlumbFuzzing", "PlumbGrading", "PlumbCertification", "PlumbExhaustion", "PlumbReports",
      ],
      path: "Sources/CInterface", swiftSettings: strict),
    .executableTarget(
      name: "plumb",
      dependencies: [
        "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbReference", "PlumbEngine", "PlumbTolerance", "PlumbVerdicts",
        "PlumbDrift", "PlumbCertification", "PlumbGolden", "PlumbExhaustion", "PlumbCases", "PlumbMutants",
        "PlumbFuzzing", "PlumbGradients", "PlumbGrading", "PlumbReports", "PlumbTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/plumb", swiftSettings: strict, plugins: ["Commit"]),
    .plugin(name: "Commit", capability: .buildTool(), path: "Sources/Commit"),

    .testTarget(name: "ExactTests", dependencies: ["PlumbExact", "PlumbModel"]),
    .testTarget(name: "FormatsTests", dependencies: ["PlumbFormats", "PlumbModel", "PlumbExact", "PlumbReference"]),
    .testTarget(name: "ReferenceTests", dependencies: ["PlumbReference", "PlumbExact", "PlumbModel"]),
    // Calls of the C targets, written down by the engine's tests and made again elsewhere: Tests/Vectors/run.
    .target(
      name: "CVectors", dependencies: ["CKernels", "CExact"], path: "Tests/Vectors", exclude: ["replay", "run"]),
    .testTarget(name: "EngineTests", dependencies: ["PlumbEngine", "PlumbModel", "PlumbFormats", "CVectors"]),
    .testTarget(name: "ToleranceTests", dependencies: ["PlumbTolerance", "PlumbExact", "PlumbModel"]),
    // The page of the JSON, read for the tests that hold JSON against it.
    .target(name: "DocumentedJSON", path: "Tests/DocumentedJSON", swiftSettings: strict),
    .testTarget(name: "DriftTests", dependencies: house + ["DocumentedJSON"]),
    .testTarget(name: "LibraryTests", dependencies: ["Plumbline", "PlumbModel", "PlumbFormats", "PlumbVerdicts"]),
    .testTarget(name: "TrainingTests", dependencies: house),
    // The readers of other people's bytes with what they promise: for the coverage-guided target, and for the test that
    // reads its corpora.
    .target(
      name: "FuzzReaders",
      dependencies: [
        "PlumbModel", "PlumbFormats", "PlumbVerdicts", "PlumbCertification", "PlumbGolden", "PlumbCases",
        "PlumbFuzzing", "PlumbGrading", "PlumbTolerance", "PlumbTraining", "PlumbCInterface", "CPlumbline",
      ],
      path: "Fuzz/Readers", swiftSettings: strict),
    .testTarget(name: "FuzzingTests", dependencies: house + ["FuzzReaders"]),
    .testTarget(
      name: "CInterfaceTests",
      dependencies: [
        "PlumbCInterface", "CPlumbline", "PlumbModel", "PlumbCases", "PlumbVerdicts", "DocumentedJSON",
      ]),
    // Engines of other people, for the tests of `plumb fuzz --engine`: the documented example, and one that goes wrong.
    .executableTarget(
      name: "example-engine", dependencies: ["Plumbline"], path: "Tests/Examples/SwiftEngine", swiftSettings: strict),
    .executableTarget(
      name: "faulty-engine", dependencies: ["PlumbModel", "PlumbFormats", "PlumbVerdicts", "PlumbFuzzing"],
      path: "Tests/FaultyEngine", swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: house + ["plumb", "example-engine", "faulty-engine", "DocumentedJSON"]),
  ]
)

// The coverage-guided target links only with the fuzzer's run-time library, so it is there only for those who ask;
// Fuzz/README.md says how.
if Context.environment["PLUMB_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz-reader", dependencies: ["FuzzReaders"], path: "Fuzz/Target", swiftSettings: strict))
}

// Benchmarks have a dependency that nobody else needs, so they are there only for those who ask; Tests/Benchmarks/README.md says how.
if Context.environment["PLUMB_BENCHMARKS"] != nil {
  package.dependencies.append(.package(url: "https://github.com/google/swift-benchmark", exact: "0.1.2"))
  package.targets += [
    .executableTarget(
      name: "Benchmarks", dependencies: house + [.product(name: "Benchmark", package: "swift-benchmark")],
      path: "Tests/Benchmarks/Sources/Benchmarks"),
    // Exact products for exact_beside_flint.py.
    .executableTarget(
      name: "ExactProducts", dependencies: house, path: "Tests/Benchmarks/Sources/ExactProducts"),
  ]
}

// What runs under a sanitizer builds without the rest of the package; `.ci/run` asks for it.
if let name = Context.environment["PLUMB_CORE"] {
  let cores: [String: Set] = [
    "engine": [
      "CGMP", "CCrypto", "CShipped", "CKernels", "CExact", "CVectors", "PlumbExact", "PlumbModel", "PlumbFormats",
      "PlumbEngine", "EngineTests",
    ],
    "exact": [
      "CGMP", "CCrypto", "CShipped", "CExact", "PlumbExact", "PlumbModel", "PlumbFormats", "PlumbReference",
      "ExactTests", "FormatsTests",
    ],
  ]
  guard let core = cores[name] else { fatalError("PLUMB_CORE is 'engine' or 'exact', not '\(name)'") }
  (package.products, package.dependencies) = ([], [])
  package.targets.removeAll { !core.contains($0.name) }
}
