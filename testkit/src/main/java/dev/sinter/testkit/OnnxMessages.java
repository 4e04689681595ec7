package dev.sinter.testkit;

import dev.sinter.runtime.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Messages of small ONNX files; field numbers are those of `onnx.proto3`.
public final class OnnxMessages {
  private static final int F32 = 1;

  private OnnxMessages() {}

  /// A model of operator set 21 whose graph is `graph`.
  public static WireMessage model(WireMessage graph) {
    return new WireMessage()
        .number(1, 10)
        .message(7, graph)
        .message(8, new WireMessage().text(1, "").number(2, 21));
  }

  /// A node.
  public static WireMessage node(String opType, List<String> inputs, List<String> outputs) {
    WireMessage node = new WireMessage();
    inputs.forEach(name -> node.text(1, name));
    outputs.forEach(name -> node.text(2, name));
    return node.text(4, opType);
  }

  /// The name and type of a tensor of `f32`: sizes are numbers or names.
  public static WireMessage value(String name, Object... sizes) {
    return value(name, DType.F32, sizes);
  }

  /// The name and type of a tensor: sizes are numbers or names.
  public static WireMessage value(String name, DType dtype, Object... sizes) {
    WireMessage shape = new WireMessage();
    for (Object size : sizes) {
      shape.message(
          1,
          switch (size) {
            case Number number -> new WireMessage().number(1, number.longValue());
            default -> new WireMessage().text(2, size.toString());
          });
    }
    WireMessage type = new WireMessage().number(1, number(dtype)).message(2, shape);
    return new WireMessage().text(1, name).message(2, new WireMessage().message(1, type));
  }

  private static int number(DType dtype) {
    return switch (dtype) {
      case F32 -> F32;
      case U8 -> 2;
      case I8 -> 3;
      case U16 -> 4;
      case I16 -> 5;
      case I32 -> 6;
      case I64 -> 7;
      case BOOL -> 9;
      case F16 -> 10;
      case F64 -> 11;
      case U32 -> 12;
      case U64 -> 13;
      case BF16 -> 16;
      case U4 -> 21;
      case I4 -> 22;
    };
  }

  /// A node with an integer attribute more.
  public static WireMessage with(WireMessage node, String name, long value) {
    return node.message(5, new WireMessage().text(1, name).number(3, value).number(20, 2));
  }

  /// A constant list of `f32`.
  public static WireMessage tensor(String name, float... elements) {
    ByteBuffer raw = ByteBuffer.allocate(4 * elements.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(elements);
    return new WireMessage()
        .number(1, elements.length)
        .number(2, F32)
        .text(8, name)
        .bytes(9, raw.array());
  }
}
