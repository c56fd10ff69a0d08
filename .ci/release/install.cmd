@echo off
rem Install guanjia from this folder: needs Python 3.11 or newer, and no network. Options: install.cmd --help
setlocal
if defined PYTHON goto named
for %%v in (3.14 3.13 3.12 3.11) do (
  py -%%v -c "import venv" >nul 2>nul && (py -%%v "%~dp0install.py" %* & goto done)
)
python -c "import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))" >nul 2>nul && (python "%~dp0install.py" %* & goto done)
echo No Python 3.11 to 3.14 was found; nothing was installed. Install one from python.org for all users, or name it: set PYTHON=C:\path\python.exe
exit /b 1
:named
"%PYTHON%" "%~dp0install.py" %*
:done
exit /b %errorlevel%
