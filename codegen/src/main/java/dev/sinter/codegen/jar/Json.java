package dev.sinter.codegen.jar;

import java.util.List;
import java.util.Map;

/// A JSON text of maps, lists, strings, numbers and booleans, in the order given.
final class Json {
  private final StringBuilder out = new StringBuilder();

  private Json() {}

  /// The text of `value`, two spaces a level, with a line break at its end.
  static String text(Object value) {
    Json json = new Json();
    json.value(value, "\n");
    return json.out.append('\n').toString();
  }

  private void value(Object value, String indent) {
    switch (value) {
      case Map<?, ?> map -> {
        String inner = indent + "  ";
        String before = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(before).append(inner);
          string(entry.getKey().toString());
          out.append(": ");
          value(entry.getValue(), inner);
          before = ",";
        }
        out.append(map.isEmpty() ? "{}" : indent + "}");
      }
      case List<?> list when list.stream().anyMatch(v -> v instanceof Map) -> {
        String inner = indent + "  ";
        String before = "[";
        for (Object element : list) {
          out.append(before).append(inner);
          value(element, inner);
          before = ",";
        }
        out.append(indent).append(']');
      }
      case List<?> list -> {
        String before = "[";
        for (Object element : list) {
          out.append(before);
          value(element, indent);
          before = ", ";
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      case String text -> string(text);
      case Number number -> out.append(number);
      case Boolean flag -> out.append(flag);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
