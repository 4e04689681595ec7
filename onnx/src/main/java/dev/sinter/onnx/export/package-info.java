/// Graphs as ONNX models: `OnnxExporter` takes a graph apart into a `RegionExport` for each body,
/// whose rules make a few operators of each op. Where a rule has none, `ElementNodes` exports any
/// op by its definition.
@NullMarked
package dev.sinter.onnx.export;

import org.jspecify.annotations.NullMarked;
