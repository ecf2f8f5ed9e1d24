@_exported import PlumbDrift
@_exported import PlumbEngine
@_exported import PlumbExact
@_exported import PlumbFormats
@_exported import PlumbFuzzing
@_exported import PlumbModel
@_exported import PlumbReference
@_exported import PlumbTolerance
