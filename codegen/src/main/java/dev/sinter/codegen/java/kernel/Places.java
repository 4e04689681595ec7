package dev.sinter.codegen.java.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.runtime.DType;

/// Where the accesses of a body lie, in Java.
interface Places {
  /// The place of the element `at` of a buffer.
  Place of(int buffer, Dim at);

  /// The mask of the lanes below `limit` in vectors of `dtype`.
  Code mask(DType dtype, Dim limit);

  /// Of code that accesses nothing.
  static Places none() {
    return new Places() {
      @Override
      public Place of(int buffer, Dim at) {
        throw new IllegalArgumentException("no buffers");
      }

      @Override
      public Code mask(DType dtype, Dim limit) {
        throw new IllegalArgumentException("no buffers");
      }
    };
  }
}
