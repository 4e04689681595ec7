/// What each ONNX operator is in terms of Sinter's own, family by family.
@NullMarked
package dev.sinter.onnx.rules;

import org.jspecify.annotations.NullMarked;
