/// Runs recorded tests of ONNX models: inputs in, outputs compared.
@NullMarked
package dev.sinter.compiler.conformance;

import org.jspecify.annotations.NullMarked;
