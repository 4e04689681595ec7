/// Files of tensors: weights of several makers, npy for single arrays. What they read is taken for
/// hostile: every fault is a [dev.sinter.runtime.files.FormatException], and memory is bounded by
/// the file's own length.
package dev.sinter.runtime.files;
