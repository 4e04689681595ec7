package dev.sinter.codegen.java;

import com.palantir.javapoet.CodeBlock;
import java.util.ArrayList;
import java.util.List;

/// A text of any length as a Java expression; a class file holds at most 65,535 bytes in one.
final class TextConstant {
  /// Characters in one constant: at three bytes each they fit.
  private static final int LONGEST = 20_000;

  private TextConstant() {}

  /// The expression, a line of text on each line.
  static CodeBlock of(String text) {
    List<CodeBlock> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (String line : text.split("(?<=\n)", -1)) {
      for (int at = 0; at == 0 || at < line.length(); at += LONGEST) {
        String piece = line.substring(at, Math.min(line.length(), at + LONGEST));
        if (part.length() + piece.length() > LONGEST) {
          parts.add(CodeBlock.of("$S", part));
          part.setLength(0);
        }
        part.append(piece);
      }
    }
    parts.add(CodeBlock.of("$S", part));
    return parts.size() == 1
        ? parts.getFirst()
        : CodeBlock.of("$T.join($S, $L)", String.class, "", CodeBlock.join(parts, ", "));
  }
}
