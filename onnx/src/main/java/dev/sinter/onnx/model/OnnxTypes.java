package dev.sinter.onnx.model;

import dev.sinter.runtime.DType;
import java.util.Map;
import java.util.Optional;

/// The element types of ONNX by their number in a file.
public final class OnnxTypes {
  /// Strings, which are no numbers.
  public static final int STRING = 8;

  /// 64-bit floats.
  static final int F64 = 11;

  private static final Map<Integer, DType> TYPES =
      Map.ofEntries(
          Map.entry(1, DType.F32),
          Map.entry(2, DType.U8),
          Map.entry(3, DType.I8),
          Map.entry(4, DType.U16),
          Map.entry(5, DType.I16),
          Map.entry(6, DType.I32),
          Map.entry(7, DType.I64),
          Map.entry(9, DType.BOOL),
          Map.entry(10, DType.F16),
          Map.entry(F64, DType.F64),
          Map.entry(12, DType.U32),
          Map.entry(13, DType.U64),
          Map.entry(16, DType.BF16),
          Map.entry(21, DType.U4),
          Map.entry(22, DType.I4));

  private static final Map<Integer, String> OTHERS =
      Map.ofEntries(
          Map.entry(STRING, "string"),
          Map.entry(14, "complex64"),
          Map.entry(15, "complex128"),
          Map.entry(17, "float8e4m3fn"),
          Map.entry(18, "float8e4m3fnuz"),
          Map.entry(19, "float8e5m2"),
          Map.entry(20, "float8e5m2fnuz"),
          Map.entry(23, "float4e2m1"),
          Map.entry(24, "float8e8m0"));

  private OnnxTypes() {}

  /// The type with this number, if it is one of Sinter's.
  public static Optional<DType> of(int number) {
    return Optional.ofNullable(TYPES.get(number));
  }

  /// The number of a type.
  public static int number(DType dtype) {
    return TYPES.entrySet().stream()
        .filter(e -> e.getValue() == dtype)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  /// The field of a tensor's message that holds integers of a type.
  static int integerField(int number) {
    return switch (of(number).orElse(DType.I32)) {
      case I64 -> 7;
      case U32, U64 -> 11;
      default -> 5;
    };
  }

  /// What people call the type with this number.
  public static String name(int number) {
    return of(number)
        .map(DType::text)
        .orElseGet(() -> OTHERS.getOrDefault(number, "element type " + number));
  }
}
