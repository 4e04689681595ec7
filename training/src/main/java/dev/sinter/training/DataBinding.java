package dev.sinter.training;

import java.nio.file.Path;

/// Where the values of a field come from: a file, and a part of it.
///
/// The part follows the file's name after `#`: for CSV the columns, `64` or `0..64` (up to but
/// without the last), counted from 0. Without a part all of the file is meant.
///
/// @param field the name of the field
/// @param file the file
/// @param part the part, or empty
public record DataBinding(String field, Path file, String part) {
  /// Reads `field=file#part`, as the command line has it; a relative file lies below `folder`.
  ///
  /// @throws IllegalArgumentException if the text is not of that form, with a sentence that says so
  public static DataBinding parse(String text, Path folder) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1) {
      throw new IllegalArgumentException(
          "expected NAME=FILE, such as image=train.csv#0..64, found \"" + text + "\"");
    }
    return of(text.substring(0, equals), text.substring(equals + 1), folder);
  }

  /// A binding of `source`, `file#part`, to a field; a relative file lies below `folder`.
  public static DataBinding of(String field, String source, Path folder) {
    int hash = source.lastIndexOf('#');
    String file = hash < 0 ? source : source.substring(0, hash);
    return new DataBinding(field, folder.resolve(file), hash < 0 ? "" : source.substring(hash + 1));
  }
}
