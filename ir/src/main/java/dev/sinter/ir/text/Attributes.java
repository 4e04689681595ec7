package dev.sinter.ir.text;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/// Prints records by the names of their components and reads them back: the attributes of ops,
/// initializers, how to train.
///
/// A component is a number, truth value, text, enum constant, [Dim], [Axis], [Elem], [TensorType],
/// [Tensor], another record, or a list or [Optional] of these. A record prints as `{name = value,
/// ...}`; where the component's type is a sealed interface the record's name stands before it.
final class Attributes {
  private static final int FEW = 16;

  private final boolean whole;

  /// @param whole whether long tensors print in full, and not abbreviated past reading
  Attributes(boolean whole) {
    this.whole = whole;
  }

  /// `ConvFilter` as `conv_filter`.
  static String mnemonic(Class<?> type) {
    return type.getSimpleName().replaceAll("(?<=.)([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /// A record as `{name = value, ...}`, or nothing if it has no components.
  String print(Record record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    return components.length == 0
        ? ""
        : Arrays.stream(components)
            .map(c -> c.getName() + " = " + print(get(record, c), c.getGenericType()))
            .collect(Collectors.joining(", ", "{", "}"));
  }

  private static Object get(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("cannot read " + component + " of " + record, e);
    }
  }

  private String print(Object value, Type type) {
    return switch (value) {
      case String text -> TextCursor.quoted(text);
      case DType dtype -> dtype.toString();
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
      case List<?> list ->
          list.stream()
              .map(item -> print(item, argument(type)))
              .collect(Collectors.joining(", ", "[", "]"));
      case Optional<?> optional -> optional.map(item -> print(item, argument(type))).orElse("none");
      case Tensor tensor -> tensor(tensor);
      case Axis axis -> axis.toString();
      case TensorType tensorType -> tensorType.toString();
      case Elem elem -> elem.toString();
      case Record record ->
          type instanceof Class<?> c && c.isSealed()
              ? (mnemonic(record.getClass()) + " " + print(record)).strip()
              : print(record);
      default -> value.toString();
    };
  }

  private String tensor(Tensor tensor) {
    StringBuilder out = new StringBuilder(tensor.dtype() + Shapes.text(tensor.shape()));
    if (!whole && tensor.size() > FEW) {
      CRC32 hash = new CRC32();
      hash.update(tensor.memory().toArray(ValueLayout.JAVA_BYTE));
      return out.append("#%08x".formatted(hash.getValue())).toString();
    }
    out.append('{');
    for (long i = 0; i < tensor.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      if (tensor.dtype().isFloat()) {
        out.append(tensor.getDouble(i));
      } else {
        out.append(tensor.getLong(i));
      }
    }
    return out.append('}').toString();
  }

  /// Reads a record of class `type` as [#print(Record)] writes it.
  static <T> T read(TextCursor cursor, Class<T> type) {
    int start = cursor.offset();
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    if (components.length > 0) {
      cursor.expect("{");
    }
    for (int i = 0; i < components.length; i++) {
      if (i > 0) {
        cursor.expect(",");
      }
      cursor.expect(components[i].getName());
      cursor.expect("=");
      Type component = components[i].getGenericType();
      types[i] = components[i].getType();
      values[i] = cursor.nested(() -> read(cursor, component));
    }
    if (components.length > 0) {
      cursor.expect("}");
    }
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw cursor.fault(start, "this does not make a " + mnemonic(type) + ": " + e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("cannot make " + type, e);
    }
  }

  private static Object read(TextCursor cursor, Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == Optional.class
          ? optional(cursor, argument(generic))
          : cursor.list("[", "]", () -> read(cursor, argument(generic)));
    }
    Class<?> plain = (Class<?>) type;
    if (plain == int.class || plain == Integer.class) {
      int start = cursor.offset();
      long value = cursor.integer();
      if (value != (int) value) {
        throw cursor.fault(start, "this number is too large");
      }
      return (int) value;
    } else if (plain == long.class || plain == Long.class) {
      return cursor.integer();
    } else if (plain == double.class || plain == Double.class) {
      return cursor.real();
    } else if (plain == boolean.class || plain == Boolean.class) {
      return truth(cursor);
    } else if (plain == String.class) {
      return cursor.string();
    } else if (plain == Dim.class) {
      return cursor.dim();
    } else if (plain == Axis.class) {
      return new ElemParser(cursor).axis();
    } else if (plain == Elem.class) {
      return new ElemParser(cursor).elem();
    } else if (plain == TensorType.class) {
      return cursor.type();
    } else if (plain == Tensor.class) {
      return tensor(cursor);
    } else if (plain.isEnum()) {
      return constant(cursor, plain);
    } else if (plain.isRecord()) {
      return read(cursor, plain);
    } else if (plain.isSealed()) {
      return alternative(cursor, plain);
    }
    throw new IllegalArgumentException("attributes have no " + type);
  }

  private static Object optional(TextCursor cursor, Type item) {
    return cursor.accept("none") ? Optional.empty() : Optional.of(read(cursor, item));
  }

  private static Type argument(Type type) {
    return type instanceof ParameterizedType generic
        ? generic.getActualTypeArguments()[0]
        : Object.class;
  }

  private static boolean truth(TextCursor cursor) {
    boolean yes = cursor.accept("true");
    if (!yes && !cursor.accept("false")) {
      throw cursor.unexpected("`true` or `false`");
    }
    return yes;
  }

  private static Object constant(TextCursor cursor, Class<?> type) {
    int start = cursor.offset();
    String word = cursor.word();
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().toLowerCase(Locale.ROOT).equals(word)) {
        return constant;
      }
    }
    throw cursor.fault(start, "there is no " + mnemonic(type) + " " + word);
  }

  /// One of the records that a sealed interface permits, by its name.
  static Object alternative(TextCursor cursor, Class<?> sealed) {
    int start = cursor.offset();
    String word = cursor.word();
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      if (mnemonic(permitted).equals(word)) {
        return read(cursor, permitted);
      }
    }
    throw cursor.fault(start, "there is no " + mnemonic(sealed) + " " + word);
  }

  private static Tensor tensor(TextCursor cursor) {
    int start = cursor.offset();
    DType dtype = cursor.dtype();
    List<Long> shape = cursor.list("[", "]", cursor::integer);
    if (cursor.sees("#")) {
      throw cursor.fault(start, "this constant is abbreviated; it is read when printed in full");
    }
    List<Number> values = new ArrayList<>();
    cursor.list(
        "{",
        "}",
        () -> values.add(dtype.isFloat() ? (Number) cursor.real() : (Number) cursor.integer()));
    long[] sizes = shape.stream().mapToLong(s -> s).toArray();
    if (shape.stream().anyMatch(s -> s < 0 || s > Integer.MAX_VALUE)
        || Arrays.stream(sizes).asDoubleStream().reduce(1, (a, b) -> a * b) != values.size()) {
      throw cursor.fault(start, "the shape and the number of elements differ");
    }
    Tensor tensor = Tensor.zeros(dtype, sizes);
    for (int i = 0; i < values.size(); i++) {
      if (dtype.isFloat()) {
        tensor.setDouble(i, values.get(i).doubleValue());
      } else {
        tensor.setLong(i, values.get(i).longValue());
      }
    }
    return tensor;
  }
}
