/// From an ONNX model to a graph: the importer and what its rules see.
@NullMarked
package dev.sinter.onnx;

import org.jspecify.annotations.NullMarked;
