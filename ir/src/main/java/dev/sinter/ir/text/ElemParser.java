package dev.sinter.ir.text;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads the texts of [Elem] and [Axis].
public final class ElemParser {
  private final TextCursor cursor;

  /// A reader of what comes next at `cursor`.
  public ElemParser(TextCursor cursor) {
    this.cursor = cursor;
  }

  /// An element expression.
  public Elem elem() {
    return cursor.nested(this::read);
  }

  private Elem read() {
    if (cursor.accept("$")) {
      int operand = (int) cursor.integer();
      return new Elem.Read(operand, cursor.list("[", "]", this::index));
    }
    int start = cursor.offset();
    String word = cursor.word();
    Optional<DType> dtype = DType.parse(word);
    if (dtype.isPresent()) {
      return typed(dtype.get());
    }
    if (cursor.sees("<")) {
      return reduce(word, start);
    }
    for (ScalarFn fn : ScalarFn.values()) {
      if (fn.toString().equals(word)) {
        List<Elem> args = cursor.list("(", ")", this::elem);
        if (args.size() != fn.arity()) {
          throw cursor.fault(start, fn + " takes " + fn.arity() + " arguments");
        }
        return new Elem.Call(fn, args);
      }
    }
    throw cursor.fault(start, "there is no function " + word);
  }

  private Elem typed(DType dtype) {
    Elem elem;
    if (cursor.accept("{")) {
      elem = new Elem.IndexValue(dtype, cursor.dim());
      cursor.expect("}");
      return elem;
    }
    cursor.expect("(");
    if (!cursor.seesNumber()) {
      elem = new Elem.Cast(dtype, elem());
    } else if (dtype.isFloat()) {
      elem = Elem.literal(dtype, cursor.real());
    } else {
      elem = Elem.literal(dtype, cursor.integer());
    }
    cursor.expect(")");
    return elem;
  }

  private Elem reduce(String word, int start) {
    for (Reducer reducer : Reducer.values()) {
      if (reducer.name().toLowerCase(Locale.ROOT).equals(word)) {
        cursor.expect("<");
        DType accumulator = cursor.dtype();
        cursor.expect(">");
        List<Axis> axes = cursor.list("{", "}", this::axis);
        cursor.expect("(");
        Elem body = elem();
        cursor.expect(")");
        return new Elem.Reduce(reducer, accumulator, axes, body);
      }
    }
    throw cursor.fault(start, "there is no reduction " + word);
  }

  private Index index() {
    if (cursor.accept("(")) {
      Elem value = elem();
      cursor.expect(")");
      return new Index.Computed(value);
    }
    return new Index.At(cursor.dim());
  }

  /// An axis such as `%0 < N`.
  public Axis axis() {
    int start = cursor.offset();
    Dim symbol = cursor.dim();
    String name = symbol.symbolName();
    if (name == null || !name.startsWith("%")) {
      throw cursor.fault(start, "an axis is `%` and a name");
    }
    cursor.expect("<");
    return new Axis(name, cursor.dim());
  }
}
