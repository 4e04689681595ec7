package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.runtime.DType;

/// The Java types in which kernels hold elements.
final class JavaTypes {
  static final ClassName FLOAT_VECTOR = ClassName.get("jdk.incubator.vector", "FloatVector");
  static final ClassName INT_VECTOR = ClassName.get("jdk.incubator.vector", "IntVector");
  static final ClassName MASK = ClassName.get("jdk.incubator.vector", "VectorMask");
  static final ClassName OPERATORS = ClassName.get("jdk.incubator.vector", "VectorOperators");
  static final ClassName SEGMENT = ClassName.get("java.lang.foreign", "MemorySegment");

  private JavaTypes() {}

  /// What a scalar of a dtype is held in: narrow floats in a float, narrow integers in an int with
  /// their value, `u32` and `u64` as their bits.
  enum Carrier {
    FLOAT(TypeName.FLOAT),
    DOUBLE(TypeName.DOUBLE),
    INT(TypeName.INT),
    LONG(TypeName.LONG),
    BOOLEAN(TypeName.BOOLEAN);

    private final TypeName type;

    Carrier(TypeName type) {
      this.type = type;
    }

    static Carrier of(DType dtype) {
      return switch (dtype) {
        case F16, BF16, F32 -> FLOAT;
        case F64 -> DOUBLE;
        case I4, I8, I16, I32, U4, U8, U16, U32 -> INT;
        case I64, U64 -> LONG;
        case BOOL -> BOOLEAN;
      };
    }
  }

  /// The type of a mask of vectors of a dtype.
  static TypeName maskOf(DType dtype) {
    return ParameterizedTypeName.get(
        MASK, ClassName.get(dtype == DType.F32 ? Float.class : Integer.class));
  }

  /// The type of a local.
  static TypeName of(LoopKernel.Type type) {
    if (!type.vector()) {
      return Carrier.of(type.dtype()).type;
    }
    return switch (type.dtype()) {
      case F32 -> FLOAT_VECTOR;
      case I32, U32 -> INT_VECTOR;
      case BOOL -> ParameterizedTypeName.get(MASK, ClassName.get(Float.class));
      default -> throw new CompilerBug("emit", "vectors of " + type.dtype());
    };
  }
}
