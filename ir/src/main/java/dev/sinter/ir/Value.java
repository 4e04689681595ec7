package dev.sinter.ir;

import org.jspecify.annotations.Nullable;

/// A tensor that flows through a graph: a result of a node or a parameter of a region.
///
/// Values are compared by identity. The name is for people: it names buffers and kernels and is not
/// unique.
public final class Value {
  private final TensorType type;
  private final String name;
  private final @Nullable Node definer;
  private final int index;

  private Value(TensorType type, String name, @Nullable Node definer, int index) {
    this.type = type;
    this.name = name;
    this.definer = definer;
    this.index = index;
  }

  /// A parameter of a region.
  public static Value parameter(TensorType type, String name) {
    return new Value(type, name, null, 0);
  }

  static Value result(TensorType type, String name, Node node, int index) {
    return new Value(type, name, node, index);
  }

  /// The element type and sizes.
  public TensorType type() {
    return type;
  }

  /// A name for people; may be empty.
  public String name() {
    return name;
  }

  /// The node whose result this is, or null for a parameter of a region.
  public @Nullable Node definer() {
    return definer;
  }

  /// Which of its node's results this is.
  public int index() {
    return index;
  }

  @Override
  public String toString() {
    return "%" + (name.isEmpty() ? "?" : name) + ": " + type;
  }
}
