"""`python -m invoicedb` is the command `invoicedb`."""

from invoicedb.cli import main

if __name__ == "__main__":
    main()
