/// What an ONNX file says: its messages as records, read and written.
@NullMarked
package dev.sinter.onnx.model;

import org.jspecify.annotations.NullMarked;
