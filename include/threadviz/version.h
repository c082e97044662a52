/*
 * version.h - which threadviz this is.
 */
#ifndef THREADVIZ_VERSION_H
#define THREADVIZ_VERSION_H

#define THREADVIZ_VERSION "0.9.0"

#endif
