//! Sources of exchanges: files, folders, standard input; plain, gzip or zstd.
